using System.Runtime.InteropServices;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

[Flags]
internal enum WatchedFlags : byte
{
    None = 0,

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
/// watch costs when few people share a friend.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct WatchedUser
{
    private const long Unknown48 = 0xFFFF_FFFF_FFFF;
    private const byte StatusMask = 0x0F;

    public ulong UserId;
    public ulong Version;

    // Last active in 48 bits of Unix milliseconds.
    private uint _lastActiveLow;
    private ushort _lastActiveHigh;
    private byte _statusAndFlags;

    public DeviceKinds Kinds;

    /// <summary>One watcher: its slot. Several: their block in the arena, ascending. Many: the number of a <see cref="LargeSet"/>.</summary>
    public int Watchers;

    public int Count;

    public readonly Status Status => (Status)(_statusAndFlags & StatusMask);

    public readonly long LastActiveMs
    {
        get
        {
            long value = ((long)_lastActiveHigh << 32) | _lastActiveLow;
            return value == Unknown48 ? PresenceState.NoTime : value;
        }
    }

    public readonly bool Has(WatchedFlags flag) => (_statusAndFlags & (byte)flag) != 0;

    public void Set(WatchedFlags flag, bool on) =>
        _statusAndFlags = (byte)(on ? _statusAndFlags | (byte)flag : _statusAndFlags & ~(byte)flag);

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
}
