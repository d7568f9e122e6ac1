using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

[Flags]
internal enum WatchedFlags : byte
{
    None = 0,

    /// <summary>Two watchers, both in the record.</summary>
    Two = 0x08,

    /// <summary>A state has been heard; before that the version means nothing.</summary>
    Known = 0x10,

    /// <summary>Has a status text beside the record.</summary>
    HasText = 0x20,

    /// <summary>The watchers are a <see cref="LargeSet"/>.</summary>
    Large = 0x40,

    /// <summary>A fan-out of this user is under way.</summary>
    InFanout = 0x80,
}

/// <summary>
/// A user whom somebody on this shard watches: the newest state heard and the watchers, once for all of them. 32 bytes, the largest part of what a
/// watch costs when few people share a friend; then the watchers are in here too.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct WatchedUser
{
    /// <summary>Watchers that need no list.</summary>
    public const int MostInRecord = 2;

    private const long Unknown48 = 0xFFFF_FFFF_FFFF;
    private const byte StatusMask = 0x07;

    public ulong UserId;
    public ulong Version;

    // Last active in 48 bits of Unix milliseconds.
    private uint _lastActiveLow;
    private ushort _lastActiveHigh;
    private byte _statusAndFlags;

    public DeviceKinds Kinds;

    // One or two watchers: their slots. More: number of their block, or of their LargeSet. Behind it, but with two, how many they are.
    private int _place;
    private int _countOrSecond;

    public readonly int Count => Has(WatchedFlags.Two) ? 2 : _countOrSecond;

    public readonly bool IsInRecord => Count <= MostInRecord;

    /// <summary>One or two watchers: their slots, ascending.</summary>
    [UnscopedRef]
    public Span<int> InRecord => MemoryMarshal.CreateSpan(ref _place, Count);

    /// <summary>The list of more watchers.</summary>
    public IntList List
    {
        readonly get => new(_place, _countOrSecond);
        set => Keep(value.Block, value.Count);
    }

    /// <summary>The number of the <see cref="LargeSet"/> of many watchers.</summary>
    public readonly int Large => _place;

    public readonly Status Status => (Status)(_statusAndFlags & StatusMask);

    public readonly long LastActiveMs
    {
        get
        {
            long value = ((long)_lastActiveHigh << 32) | _lastActiveLow;
            return value == Unknown48 ? PresenceState.NoTime : value;
        }
    }

    /// <summary>Nobody could say anything of the user yet, and the watchers were told so: the first state to be heard is news to them.</summary>
    public readonly bool IsUnheard => Status == Status.Unknown && !Has(WatchedFlags.Known) && Count > 0;

    public readonly bool Has(WatchedFlags flag) => (_statusAndFlags & (byte)flag) != 0;

    public void Set(WatchedFlags flag, bool on) =>
        _statusAndFlags = (byte)(on ? _statusAndFlags | (byte)flag : _statusAndFlags & ~(byte)flag);

    public void SetUnheard() => _statusAndFlags = (byte)((_statusAndFlags & ~StatusMask) | (byte)Status.Unknown);

    /// <summary>Two watchers at most are kept here.</summary>
    public void KeepInRecord(ReadOnlySpan<int> ascending)
    {
        Keep(ascending.Length > 0 ? ascending[0] : 0, ascending.Length);
        if (ascending.Length == MostInRecord)
        {
            _countOrSecond = ascending[1];
            Set(WatchedFlags.Two, true);
        }
    }

    /// <summary>The watchers are kept in a <see cref="LargeSet"/>.</summary>
    public void KeepLarge(int number, int count)
    {
        Keep(number, count);
        Set(WatchedFlags.Large, true);
    }

    public readonly PresenceState State(byte[]? text) => new()
    {
        UserId = UserId,
        Version = Version,
        Status = Status,
        Kinds = Kinds,
        LastActiveMs = LastActiveMs,
        AsOfMs = PresenceState.NoTime,
        StatusText = text,
    };

    /// <summary>Takes over everything but the text.</summary>
    public void Take(in PresenceState state)
    {
        long lastActive = state.LastActiveMs < 0 ? Unknown48 : state.LastActiveMs;
        Version = state.Version;
        _lastActiveLow = (uint)lastActive;
        _lastActiveHigh = (ushort)(lastActive >> 32);
        _statusAndFlags = (byte)((_statusAndFlags & ~StatusMask) | (byte)state.Status | (byte)WatchedFlags.Known);
        Kinds = state.Kinds;
    }

    private void Keep(int place, int count)
    {
        _place = place;
        _countOrSecond = count;
        Set(WatchedFlags.Two, false);
        Set(WatchedFlags.Large, false);
    }
}
