using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Presence.Server.Storage;

/// <summary>
/// What makes a file survive a power cut, with every error seen. The runtime's own flush calls swallow a failed fsync on Linux,
/// so it is called directly; a name is durable only when its directory was synced too.
/// </summary>
internal static partial class DurableFile
{
    private const int ErrorInterrupted = 4;
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Replaces the file in one step: after a crash it holds either the old bytes or the new ones.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(file, content, 0);
            Sync(file, temporary);
        }

        Rename(temporary, path);
    }

    /// <summary>Renames within one directory, replacing what is there, and makes the new name durable.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <exception cref="IOException">The disk did not take the data.</exception>
    public static void Sync(SafeFileHandle file, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        var taken = false;
        try
        {
            file.DangerousAddRef(ref taken);
            SyncDescriptor((int)file.DangerousGetHandle(), path);
        }
        finally
        {
            if (taken)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <exception cref="IOException">The directory could not be opened or synced.</exception>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = Open(path, OpenReadOnly | OpenCloseOnExec);
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            SyncDescriptor(descriptor, path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static void SyncDescriptor(int descriptor, string path)
    {
        while (Fsync(descriptor) != 0)
        {
            if (Marshal.GetLastPInvokeError() != ErrorInterrupted)
            {
                throw Failure("fsync", path);
            }
        }
    }

    private static IOException Failure(string call, string path)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{call} of '{path}' failed: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
