using System.Runtime.InteropServices;
using Presence.Protocol;

namespace Presence.Engine;

[Flags]
internal enum UserFlags : ushort
{
    None = 0,

    /// <summary>Set by SetStatus(INVISIBLE), ended only by an explicit ONLINE, AWAY or BUSY.</summary>
    Invisible = 1,

    /// <summary>The store has not yet said what it keeps of this user: nothing of it is shown until then.</summary>
    Loading = 2,

    /// <summary>Has a visible status text in <see cref="StatusTexts"/>.</summary>
    HasText = 4,

    /// <summary>Has times in <see cref="SeenTimes"/>.</summary>
    HasTimes = 8,

    /// <summary><see cref="Invisible"/> as it was when the user was last settled: what store and own sessions know.</summary>
    WasInvisible = 16,

    /// <summary>Is <see cref="Loading"/>, came on links while there was no room for new users, and stays only if the store has a record of it.</summary>
    IfKnown = 64,

    /// <summary>Is <see cref="Loading"/>, and came before recovery was over.</summary>
    CameRecovering = 32,

    /// <summary>Its home is another node: here are only the sessions that have this node for their edge.</summary>
    Elsewhere = 128,

    /// <summary>Is <see cref="Loading"/>, and has been since its home here did not know who is up: nothing is said of it, not even what the store keeps.</summary>
    Warming = 256,
}

/// <summary>
/// One user of this shard: the session of the first device (edge) and the presence (home) in one cache line. Further devices are
/// <see cref="ExtraDevice"/>s. Rare things live in side tables, marked by flags.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = Size)]
internal struct UserEntry
{
    public const int NoMore = -1;

    /// <summary>Bytes an entry takes: the budget of design §6.</summary>
    public const int Size = 64;

    public ulong UserId;

    /// <summary>Version of what is visible; 0 = never seen.</summary>
    public ulong Version;

    public Device First;

    /// <summary>First extra device, or <see cref="NoMore"/>.</summary>
    public int More;

    public StatusByte Visible;

    public DeviceKinds VisibleKinds;

    public UserFlags Flags;

    /// <summary>Devices that are not gone.</summary>
    public byte Devices;

    public readonly bool Has(UserFlags flag) => (Flags & flag) != 0;

    public void Set(UserFlags flag, bool on) => Flags = on ? Flags | flag : Flags & ~flag;
}
