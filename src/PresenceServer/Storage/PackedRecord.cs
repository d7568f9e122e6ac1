using System.Runtime.InteropServices;
using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// A record in 16 bytes: with the 8-byte key that is 24 bytes, in memory and on disk. Persisted.
/// <code>
/// Version                                64 bits
/// Bits   0-41  last active + 1, Unix ms  (0 = unknown; lasts until the year 2109)
///       42-45  status
///       46-53  flags
///          54  a companion record holds the true last active
///       55-63  reserved for the ownership epoch, 0
/// </code>
/// Only of an invisible user the true time differs from the visible one. It is then kept in a companion record, under the user's id
/// with bit 63 set (no user id has it), in the same form: 8 bytes less for everybody else.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PackedRecord(ulong Version, ulong Bits)
{
    public const int Size = 16;
    public const long MaxTimeMs = (1L << TimeBits) - 2;
    public const byte MaxStatus = 15;
    public const byte MaxFlags = byte.MaxValue;
    public const ulong CompanionBit = 1UL << 63;

    private const int TimeBits = 42;
    private const int StatusShift = 42;
    private const int FlagsShift = 46;
    private const ulong TimeMask = (1UL << TimeBits) - 1;
    private const ulong HasCompanionBit = 1UL << 54;

    public bool HasCompanion => (Bits & HasCompanionBit) != 0;

    public long TimeMs => (long)(Bits & TimeMask) - 1;

    public byte Status => (byte)((Bits >> StatusShift) & MaxStatus);

    public byte Flags => (byte)((Bits >> FlagsShift) & MaxFlags);

    public static PackedRecord Pack(in UserRecord record)
    {
        var bits = (ulong)(record.LastActiveMs + 1) | ((ulong)record.Status << StatusShift) | ((ulong)record.Flags << FlagsShift);
        return new PackedRecord(record.Version, NeedsCompanion(record) ? bits | HasCompanionBit : bits);
    }

    public static PackedRecord PackCompanion(in UserRecord record) => new(record.Version, (ulong)(record.TrueLastActiveMs + 1));

    public static bool NeedsCompanion(in UserRecord record) => record.TrueLastActiveMs != record.LastActiveMs;

    public UserRecord Unpack(ulong userId, long trueLastActiveMs) => new(userId, Version, TimeMs, trueLastActiveMs, Status, Flags);

    /// <summary>Throws when a field does not fit: the caller has a bug, and a wrong record on disk would outlive its repair.</summary>
    public static void Validate(in UserRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfZero(record.UserId, nameof(record.UserId));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.UserId, CompanionBit - 1, nameof(record.UserId));
        ArgumentOutOfRangeException.ThrowIfZero(record.Version, nameof(record.Version));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Status, MaxStatus, nameof(record.Status));
        ValidateTime(record.LastActiveMs, nameof(record.LastActiveMs));
        ValidateTime(record.TrueLastActiveMs, nameof(record.TrueLastActiveMs));
    }

    private static void ValidateTime(long timeMs, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeMs, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeMs, MaxTimeMs, name);
    }
}
