using System.Buffers.Binary;

namespace Presence.Server.Storage;

/// <summary>
/// One time that outlives the process: eight bytes of Unix milliseconds and eight of checksum, replaced in one step. A watermark is one, which is a sign of life between checkpoints:
/// while nothing changes no checkpoint is written, but users are online all the same and their last-active time after a crash must not be the last change's.
/// </summary>
internal static class TimeFile
{
    private const int Bytes = 16;

    /// <exception cref="IOException">The disk did not take it.</exception>
    public static void Write(string path, long unixMs)
    {
        Span<byte> content = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(content, unixMs);
        BinaryPrimitives.WriteUInt64LittleEndian(content[8..], CheckpointFormat.Hash(content[..8], 0, 0));
        DurableFile.Replace(path, content);
    }

    /// <summary>−1 when there is none, or a damaged one.</summary>
    public static long Read(string path)
    {
        if (!File.Exists(path))
        {
            return -1;
        }

        ReadOnlySpan<byte> content = File.ReadAllBytes(path);
        return content.Length == Bytes && BinaryPrimitives.ReadUInt64LittleEndian(content[8..]) == CheckpointFormat.Hash(content[..8], 0, 0)
            ? BinaryPrimitives.ReadInt64LittleEndian(content)
            : -1;
    }
}
