using System.Buffers.Binary;

namespace Presence.Server.Storage;

/// <summary>
/// A sign of life between checkpoints: while nothing changes no checkpoint is written, but users are online all the same and their
/// last-active time after a crash must not be the last change's. Eight bytes of time and eight of checksum, replaced in one step.
/// </summary>
internal static class WatermarkFile
{
    private const int Bytes = 16;

    public static void Write(string path, long watermarkMs)
    {
        Span<byte> content = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(content, watermarkMs);
        BinaryPrimitives.WriteUInt64LittleEndian(content[8..], CheckpointFormat.Hash(content[..8], 0, 0));
        DurableFile.Replace(path, content);
    }

    /// <summary>−1 when there is none, or a damaged one: the newest checkpoint's time is used then.</summary>
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
