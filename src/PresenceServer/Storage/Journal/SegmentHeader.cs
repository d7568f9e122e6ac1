using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// The head of a segment, 128 bytes, little-endian:
/// <code>
///   0  magic "PRESJRNL"      8  format u32        12  0 u32          16  segment number u64    24  begun at i64, Unix ms
///  32  checkpoint u64       40  written by: version of the server, 32 bytes of UTF-8, zeros behind         72  previous u64     80 … 119  0
/// 120  XXH3 of the bytes before
/// </code>
/// Magic, format, writer and hash keep their places in every later format, so that a server can say who wrote what it does not know.
/// </summary>
/// <param name="Number">Rises by one from segment to segment; also the file's name.</param>
/// <param name="BegunMs">Unix milliseconds.</param>
/// <param name="Checkpoint">
/// The last checkpoint of the last-active store that had begun. Every later one holds all that is in the segments before this one; what it may
/// not hold is in this segment or behind it.
/// </param>
/// <param name="Previous">
/// Number of the segment before, which numbers that were given up may lie between: of the newest then that had anything durable. 0 = the first, or not
/// known: earlier builds did not say it.
/// </param>
internal readonly record struct SegmentHeader(ulong Number, long BegunMs, ulong Checkpoint, ulong Previous)
{
    public const int Bytes = 128;
    public const uint Format = 1;

    private const int WriterAt = 40;
    private const int WriterBytes = 32;
    private const int PreviousAt = 72;
    private const int HashAt = 120;
    private static readonly ulong _magic = BinaryPrimitives.ReadUInt64LittleEndian("PRESJRNL"u8);

    public void Write(Span<byte> to)
    {
        to[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to, _magic);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Format);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], BegunMs);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], Checkpoint);
        byte[] writer = Encoding.UTF8.GetBytes(DataDirectoryManifest.ServerVersion());
        writer.AsSpan(0, Math.Min(writer.Length, WriterBytes)).CopyTo(to[WriterAt..]);
        BinaryPrimitives.WriteUInt64LittleEndian(to[PreviousAt..], Previous);
        BinaryPrimitives.WriteUInt64LittleEndian(to[HashAt..], XxHash3.HashToUInt64(to[..HashAt]));
    }

    /// <returns>False when this is no header, or a damaged one.</returns>
    /// <exception cref="DataDirectoryException">It is one of a format that this server does not know.</exception>
    public static bool TryRead(ReadOnlySpan<byte> from, string path, out SegmentHeader header)
    {
        header = default;
        if (from.Length < Bytes || BinaryPrimitives.ReadUInt64LittleEndian(from) != _magic
            || BinaryPrimitives.ReadUInt64LittleEndian(from[HashAt..]) != XxHash3.HashToUInt64(from[..HashAt]))
        {
            return false;
        }

        uint format = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        if (format != Format)
        {
            string writer = Encoding.UTF8.GetString(from.Slice(WriterAt, WriterBytes)).TrimEnd('\0');
            throw new DataDirectoryException(
                $"'{path}' has journal format {format}, written by Presence {writer}; this is Presence {DataDirectoryManifest.ServerVersion()}, which knows "
                + $"journal format {Format}. Run a version that knows it, or start on an empty directory.");
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[PreviousAt..]));
        return true;
    }
}
