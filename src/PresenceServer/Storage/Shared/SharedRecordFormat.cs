using System.Buffers.Binary;
using Presence.Engine;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// A user's record in Redis, most significant byte first, so that scripts compare it from the left: 16 bytes of most users, 22 of one who is or was invisible.
/// <code>
///  0  version u64      8  true last active + 1, u48, Unix ms (0 = unknown)      14  status u8      15  flags u8
/// 16  last active + 1, u48, where it is not the true one
/// </code>
/// </summary>
internal static class SharedRecordFormat
{
    private const int ShortBytes = 16;
    private const int LongBytes = 22;
    private const int TimeBytes = 6;

    /// <summary>Of two records of a user which says more: the newer version, of equal ones the later sign of life.</summary>
    public static bool IsNewer(in UserRecord record, in UserRecord than) =>
        record.Version != than.Version ? record.Version > than.Version : record.TrueLastActiveMs > than.TrueLastActiveMs;

    /// <summary>False when a field does not fit what <see cref="UserRecord"/> says.</summary>
    public static bool Fits(in UserRecord record) =>
        record.UserId is > 0 and < PackedRecord.CompanionBit && record.Version != 0 && record.Status <= PackedRecord.MaxStatus
        && FitsTime(record.LastActiveMs) && FitsTime(record.TrueLastActiveMs);

    /// <param name="record">One that <see cref="Fits"/>.</param>
    public static byte[] Write(in UserRecord record)
    {
        bool isShort = record.LastActiveMs == record.TrueLastActiveMs;
        byte[] value = new byte[isShort ? ShortBytes : LongBytes];
        BinaryPrimitives.WriteUInt64BigEndian(value, record.Version);
        WriteTime(value.AsSpan(8), record.TrueLastActiveMs);
        (value[14], value[15]) = (record.Status, record.Flags);
        if (!isShort)
        {
            WriteTime(value.AsSpan(ShortBytes), record.LastActiveMs);
        }

        return value;
    }

    /// <summary>False for what nobody of us has written.</summary>
    public static bool TryRead(ulong userId, ReadOnlySpan<byte> value, out UserRecord record)
    {
        record = default;
        if (value.Length is not (ShortBytes or LongBytes))
        {
            return false;
        }

        long trueMs = ReadTime(value[8..]);
        long shownMs = value.Length == LongBytes ? ReadTime(value[ShortBytes..]) : trueMs;
        record = new UserRecord(userId, BinaryPrimitives.ReadUInt64BigEndian(value), shownMs, trueMs, value[14], value[15]);
        return Fits(record);
    }

    private static bool FitsTime(long timeMs) => timeMs is >= -1 and <= PackedRecord.MaxTimeMs;

    private static void WriteTime(Span<byte> to, long timeMs)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)(timeMs + 1));
        bytes[^TimeBytes..].CopyTo(to);
    }

    private static long ReadTime(ReadOnlySpan<byte> from)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        from[..TimeBytes].CopyTo(bytes[^TimeBytes..]);
        return (long)BinaryPrimitives.ReadUInt64BigEndian(bytes) - 1;
    }
}
