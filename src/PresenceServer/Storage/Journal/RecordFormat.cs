using System.Buffers.Binary;
using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// A record of the journal, little-endian, 24 bytes of most users:
/// <code>
///  0  user id u64                       8  version u64
/// 16  bits u64:  0-41 last active + 1, Unix ms (0 = unknown)   42-45 status   46-53 flags   54 has a true time   55 was visible   56-60 cause
///                61 has a text   62 stands for several changes: its cause and text are not known   63 0
/// 24  if 54: true last active + 1, i64
///     if 61: bytes of text u16, text in UTF-8, zeros up to a multiple of 8
/// </code>
/// A watermark has user id 0: its version is the shard's clock, its last-active time is the watermark. With bit 62 it is a hole: behind it changes may be missing
/// that were decided before. Bits 0-53 are those of a <see cref="PackedRecord"/>.
/// </summary>
internal static class RecordFormat
{
    public const int MinBytes = 24;

    /// <summary>The longest text a record can have. What is longer is not journaled; no limit of the server allows it.</summary>
    public const int MaxTextBytes = 1_024;

    public const int MaxBytes = MinBytes + sizeof(long) + sizeof(ushort) + MaxTextBytes + BlockFormat.Alignment;

    private const int CauseShift = 56;
    private const ulong CauseMask = 31;
    private const ulong PackedMask = (1UL << 54) - 1;
    private const ulong HasTrueTime = 1UL << 54;
    private const ulong WasVisible = 1UL << 55;
    private const ulong HasText = 1UL << 61;
    private const ulong IsCoalesced = 1UL << 62;

    /// <returns>The bytes written.</returns>
    public static int Write(Span<byte> to, in JournalEntry entry)
    {
        ulong bits = BitsOf(entry.User, entry.IsVisible) | ((ulong)entry.Cause << CauseShift);
        bool hasText = entry.Text is { Length: > 0 and <= MaxTextBytes };
        int length = WriteHead(to, entry.User, hasText ? bits | HasText : bits);
        return hasText ? WriteText(to, length, entry.Text) : length;
    }

    /// <summary>The newest of several changes of a user of which the others were left out.</summary>
    /// <param name="to">Where.</param>
    /// <param name="user">As it is now.</param>
    /// <param name="isVisible">Others were told of one of them.</param>
    /// <returns>The bytes written.</returns>
    public static int WriteCoalesced(Span<byte> to, in UserRecord user, bool isVisible) => WriteHead(to, user, BitsOf(user, isVisible) | IsCoalesced);

    public static int WriteWatermark(Span<byte> to, long watermarkMs, ulong clock)
    {
        Write(to, 0, clock, (ulong)(watermarkMs + 1));
        return MinBytes;
    }

    /// <summary>Changes were left out that were decided in front of here.</summary>
    public static int WriteHole(Span<byte> to)
    {
        Write(to, 0, 0, IsCoalesced);
        return MinBytes;
    }

    /// <summary>Takes the first record off <paramref name="records"/>, which a block of ours holds.</summary>
    /// <exception cref="InvalidDataException">It is not as it should be, in a block that verifies: a bug of the writer.</exception>
    public static JournalRecord Read(ref ReadOnlySpan<byte> records)
    {
        ulong userId = Take(ref records);
        ulong version = Take(ref records);
        ulong bits = Take(ref records);
        var packed = new PackedRecord(version, bits & PackedMask);
        long trueTimeMs = (bits & HasTrueTime) != 0 ? (long)Take(ref records) - 1 : packed.TimeMs;
        byte[]? text = (bits & HasText) != 0 ? TakeText(ref records) : null;
        TransitionCause? cause = (bits & IsCoalesced) != 0 ? null : (TransitionCause)((bits >> CauseShift) & CauseMask);
        return new JournalRecord(packed.Unpack(userId, trueTimeMs), cause, (bits & WasVisible) != 0, text);
    }

    private static ulong BitsOf(in UserRecord user, bool isVisible)
    {
        ulong bits = PackedRecord.Pack(user).Bits & PackedMask;
        bits |= PackedRecord.NeedsCompanion(user) ? HasTrueTime : 0;
        return isVisible ? bits | WasVisible : bits;
    }

    private static int WriteHead(Span<byte> to, in UserRecord user, ulong bits)
    {
        Write(to, user.UserId, user.Version, bits);
        if ((bits & HasTrueTime) == 0)
        {
            return MinBytes;
        }

        BinaryPrimitives.WriteInt64LittleEndian(to[MinBytes..], user.TrueLastActiveMs + 1);
        return MinBytes + sizeof(long);
    }

    private static void Write(Span<byte> to, ulong userId, ulong version, ulong bits)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, userId);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], version);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], bits);
    }

    private static int WriteText(Span<byte> to, int at, ReadOnlySpan<byte> text)
    {
        int length = Aligned(sizeof(ushort) + text.Length);
        Span<byte> place = to.Slice(at, length);
        BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)text.Length);
        text.CopyTo(place[sizeof(ushort)..]);
        place[(sizeof(ushort) + text.Length)..].Clear();
        return at + length;
    }

    private static ulong Take(ref ReadOnlySpan<byte> records)
    {
        if (records.Length < sizeof(ulong))
        {
            throw Malformed();
        }

        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(records);
        records = records[sizeof(ulong)..];
        return value;
    }

    private static byte[] TakeText(ref ReadOnlySpan<byte> records)
    {
        int length = records.Length < sizeof(ushort) ? int.MaxValue : BinaryPrimitives.ReadUInt16LittleEndian(records);
        if (length > MaxTextBytes || Aligned(sizeof(ushort) + length) > records.Length)
        {
            throw Malformed();
        }

        byte[] text = records.Slice(sizeof(ushort), length).ToArray();
        records = records[Aligned(sizeof(ushort) + length)..];
        return text;
    }

    private static int Aligned(int bytes) => (bytes + BlockFormat.Alignment - 1) & -BlockFormat.Alignment;

    private static InvalidDataException Malformed() => new("a record of the journal ends before it should");
}
