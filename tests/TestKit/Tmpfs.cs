using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Presence.TestKit;

/// <summary>A small file system of its own, which can be filled up and frozen. Needs root.</summary>
public sealed partial class Tmpfs : IDisposable
{
    private const nuint ReadOnly = 1;
    private const nuint Remount = 32;
    private const nuint Bind = 4_096;
    private const int DetachNow = 2;

    private readonly DirectoryInfo _root;

    private Tmpfs(DirectoryInfo root) => _root = root;

    /// <summary>Null where it cannot be mounted.</summary>
    /// <param name="why">It cannot.</param>
    public static Tmpfs? TryMount(int megabytes, out string why)
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("presence-tmpfs-");
        if (Mount("tmpfs", root.FullName, "tmpfs", 0, string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m")) == 0)
        {
            why = "";
            return new Tmpfs(root);
        }

        why = $"A file system cannot be mounted here: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.";
        root.Delete();
        return null;
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

    /// <summary>
    /// Puts the same file system over itself, and that takes nothing: no file can be made, removed or opened for writing any more, as when the kernel has
    /// found an error. What is open already can be written to.
    /// </summary>
    public void Freeze()
    {
        Check(Mount(Path, Path, "", Bind, ""));
        Check(Mount("", Path, "", Remount | Bind | ReadOnly, ""));
    }

    /// <summary>Takes writes again.</summary>
    public void Thaw() => Check(Unmount(Path, DetachNow));

    public void Dispose()
    {
        _ = Unmount(Path, DetachNow);
        _root.Delete(recursive: true);
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
