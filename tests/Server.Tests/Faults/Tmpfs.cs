using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>A small file system of its own, which can be filled up. Needs root.</summary>
internal sealed partial class Tmpfs : IDisposable
{
    private const int DetachNow = 2;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("presence-tmpfs-");

    public Tmpfs(int megabytes)
    {
        if (Mount("tmpfs", _root.FullName, "tmpfs", 0, string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m")) != 0)
        {
            string why = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
            _root.Delete();
            Assert.Skip($"A file system cannot be mounted here: {why}.");
        }
    }

    public string Path => _root.FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Takes all the room there is.</summary>
    public void Fill()
    {
        byte[] block = new byte[1 << 16];
        using FileStream ballast = File.Create(Ballast, bufferSize: 0);
        try
        {
            while (true)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        _ = Unmount(Path, DetachNow);
        _root.Delete(recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
