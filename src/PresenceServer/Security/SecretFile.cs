using System.Text;

namespace Presence.Server.Security;

/// <summary>Files that only their owner may read: keys, and what keys are made from.</summary>
internal static class SecretFile
{
    /// <summary>No key or key set is longer; a wrong path must not read a log file into memory.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The text of the file.</summary>
    /// <exception cref="KeyFormatException">There is no such file, it cannot be read, or it is too long.</exception>
    public static string Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Length <= MaxBytes
                ? File.ReadAllText(path)
                : throw new KeyFormatException($"'{file.FullName}' has {file.Length} bytes; at most {MaxBytes} are expected.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFormatException($"'{Path.GetFullPath(path)}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes the whole text with mode 0600, or, when that fails, leaves what was there.</summary>
    /// <returns>False when the file exists and <paramref name="overwrite"/> is false; it is left as it is.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public static bool Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string incomplete = $"{full}.{Environment.ProcessId}.new";
        using (FileStream file = new(incomplete, OwnerOnly()))
        {
            file.Write(content);
        }

        try
        {
            File.Move(incomplete, full, overwrite);
            return true;
        }
        catch (IOException) when (!overwrite && File.Exists(full))
        {
            File.Delete(incomplete);
            return false;
        }
    }

    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte}, bool)"/>
    public static bool Write(string path, string content, bool overwrite) => Write(path, Encoding.UTF8.GetBytes(content), overwrite);

    // WriteThrough: the name must not appear on disk before the bytes do.
    private static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
