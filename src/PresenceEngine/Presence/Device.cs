using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>Where a device stands.</summary>
public enum DeviceState : byte
{
    /// <summary>Not in use, or on its way out: no part of the fold.</summary>
    Gone,

    /// <summary>On a connection, or on a lease that its beats renew.</summary>
    Live,

    /// <summary>The connection was lost; the device may come back unnoticed until its deadline.</summary>
    Held,

    /// <summary>Was up when the previous process ended; shown as before until its deadline.</summary>
    Recovering,
}

[Flags]
internal enum DeviceFlags : byte
{
    None = 0,

    /// <summary>Came over HTTP: PUT "offline" ends it.</summary>
    Http = 1,

    /// <summary>Of a device here: says in its heartbeats when its user is active; only then may the server set it AWAY. Of one at another node: <see cref="Device.Chooses"/>.</summary>
    ReportsActivity = 2,

    /// <summary>The server set it AWAY; the status it asked for is kept.</summary>
    ServerAway = 4,

    /// <summary>Has a status text in <see cref="StatusTexts"/>.</summary>
    HasText = 8,

    /// <summary>
    /// Came without a word of its status, and nobody here knows yet what it was: while its user is being loaded, or at an edge, until its home has said. What was shown before a restart, or before the loss of a node, goes on.
    /// </summary>
    AsBefore = 16,

    /// <summary>
    /// Of a device that another speaks for: the generation of the link, or of the edge's registration, in which it was named last, modulo <see cref="Device.Generations"/>.
    /// </summary>
    Generation = 32 + 64 + 128,

    /// <summary>Of a device that speaks for itself: what it said last was INVISIBLE. Its own status is kept beneath.</summary>
    SaidInvisible = 32,

    /// <summary>Of a device that speaks for itself: <see cref="Device.Asked"/>.</summary>
    Asked = 64 + 128,
}

/// <summary>
/// One session of one user. The edge owns Link, Connection, LastSeenMs and State; the home owns Status. 36 bytes.
/// </summary>
/// <remarks>A device on a gateway link is Live as long as it exists: whether its link is held, the link says.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Device
{
    /// <summary>A connection that is none: a lease, a held or a recovering device.</summary>
    public const int NoConnection = -1;

    /// <summary>Generations of a link that can be told apart.</summary>
    public const int Generations = 8;

    // Connections below this are edges: 10 bits of the node's ordinal, 10 of its shard.
    private const int Edges = int.MinValue + (1 << (2 * EdgeBits));
    private const int EdgeBits = 10;

    private const int GenerationShift = 5;
    private const int AskedShift = 6;

    /// <summary>Keyed hash of the device id; 0 is the phantom of a recovering user.</summary>
    public ulong Key;

    /// <summary>A stamp that rises with every session of this device; lower ones are ignored.</summary>
    public ulong SessionId;

    public WheelLink Link;

    /// <summary>Slot of its connection on this shard, <see cref="NoConnection"/>, below that the gateway whose link it is on, or the node that is its edge.</summary>
    public int Connection;

    /// <summary>Stamp of its last frame modulo 2^32: exact for 24 days, far longer than any session is silent. Live devices with a
    /// connection keep theirs in the connection.</summary>
    public uint LastSeenMs;

    public DeviceState State;

    /// <summary>What the device asked for: OFFLINE (an observer), AWAY, ONLINE or BUSY.</summary>
    public StatusByte Status;

    /// <summary>One kind; of a recovering phantom all that were shown.</summary>
    public DeviceKinds Kinds;

    public DeviceFlags Flags;

    public readonly bool IsOnLink => Connection < NoConnection && !IsRemote;

    /// <summary>Its edge is another node: its home keeps it here.</summary>
    public readonly bool IsRemote => Connection < Edges;

    /// <summary>Another speaks for the device: its gateway, or its edge.</summary>
    public readonly bool IsSpokenFor => Connection < NoConnection;

    /// <summary>The edge of a device that <see cref="IsRemote"/>.</summary>
    public ShardAddress Edge
    {
        readonly get => new((Connection - int.MinValue) >> EdgeBits, Connection & ((1 << EdgeBits) - 1));
        set => Connection = int.MinValue + (value.Node << EdgeBits) + value.Shard;
    }

    /// <summary>Ordinal of the gateway of a device that <see cref="IsOnLink"/>.</summary>
    public int Gateway
    {
        readonly get => NoConnection - 1 - Connection;
        set => Connection = NoConnection - 1 - value;
    }

    public int Generation
    {
        readonly get => (int)(Flags & DeviceFlags.Generation) >> GenerationShift;
        set => Flags = (Flags & ~DeviceFlags.Generation) | (DeviceFlags)(value % Generations << GenerationShift);
    }

    public readonly bool IsInFold => State != DeviceState.Gone && Status.Value != V1.Status.Offline;

    /// <summary>What the device counts as in the fold.</summary>
    public readonly Status Effective =>
        Has(DeviceFlags.ServerAway) && Status.Value == V1.Status.Online ? V1.Status.Away : Status.Value;

    /// <summary>Of a device that <see cref="IsRemote"/>: what it says next is a choice, though it be the status that it has, since it has said INVISIBLE, or has come as another than it was.</summary>
    public bool Chooses
    {
        readonly get => IsRemote && Has(DeviceFlags.ReportsActivity);
        set => Set(DeviceFlags.ReportsActivity, value);
    }

    /// <summary>What a device on no link said last; INVISIBLE also of one at another node whose next word is a choice whatever it is.</summary>
    public readonly Status Said => Chooses || (!IsSpokenFor && Has(DeviceFlags.SaidInvisible)) ? V1.Status.Invisible : Status.Value;

    /// <summary>Nothing for a device on a link: its gateway speaks for it, and says nothing of INVISIBLE.</summary>
    public void SaysInvisible(bool invisible)
    {
        if (IsRemote)
        {
            Chooses = invisible;
        }
        else if (!IsOnLink)
        {
            Set(DeviceFlags.SaidInvisible, invisible);
        }
    }

    /// <summary>Of a device on no link: the status that it has asked for last, whether it is applied yet or not, of one at another node once it is; UNSPECIFIED when that shows nothing.</summary>
    public readonly Status Asked => (IsRemote ? AskedOf(Said) : (int)(Flags & DeviceFlags.Asked) >> AskedShift) switch
    {
        1 => V1.Status.Online,
        2 => V1.Status.Away,
        3 => V1.Status.Busy,
        _ => V1.Status.Unspecified,
    };

    /// <summary>Something is asked for the device. Nothing for one that another speaks for.</summary>
    public void Asks(Status status)
    {
        Flags = IsSpokenFor ? Flags : (Flags & ~DeviceFlags.Asked) | (DeviceFlags)(AskedOf(status) << AskedShift);
    }

    /// <summary>It is here from now on, no matter who has spoken for it: what it has said goes on.</summary>
    public void ComeHere()
    {
        Status said = Said;
        Flags &= ~(DeviceFlags.Generation | DeviceFlags.ReportsActivity);
        Connection = NoConnection;
        SaysInvisible(said == V1.Status.Invisible);
        Asks(said);
    }

    /// <summary>Another node is its edge from now on: what it has said goes on.</summary>
    public void GoTo(ShardAddress edge, int generation)
    {
        bool chooses = Said == V1.Status.Invisible;
        (Edge, Generation) = (edge, generation);
        Chooses = chooses;
    }

    /// <summary>What was shown before goes on, in what the device has not said itself.</summary>
    public void GoOn(Status before, DeviceKinds kindsBefore)
    {
        bool isAsBefore = Has(DeviceFlags.AsBefore);
        Kinds = Kinds == DeviceKinds.None && (isAsBefore || IsOnLink) ? kindsBefore : Kinds;
        if (isAsBefore)
        {
            // The server may have set it, which the device's next activity is to end.
            bool isAway = before == V1.Status.Away && Has(DeviceFlags.ReportsActivity) && !IsRemote;
            Status = isAway ? V1.Status.Online : before;
            Set(DeviceFlags.ServerAway, isAway);
            Set(DeviceFlags.AsBefore, false);
        }
    }

    /// <summary>The stamp of <see cref="LastSeenMs"/>.</summary>
    public readonly long LastSeenAt(long now) => now - (uint)((uint)now - LastSeenMs);

    private static int AskedOf(Status status) => status switch { V1.Status.Online => 1, V1.Status.Away => 2, V1.Status.Busy => 3, _ => 0 };

    public readonly bool Has(DeviceFlags flag) => (Flags & flag) != 0;

    public void Set(DeviceFlags flag, bool on) => Flags = on ? Flags | flag : Flags & ~flag;
}

/// <summary>A wire status in one byte.</summary>
internal readonly struct StatusByte(Status value)
{
    private readonly byte _value = (byte)value;

    public Status Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Status)_value;
    }

    public static implicit operator StatusByte(Status value) => new(value);
}

/// <summary>Every device of a user after the first.</summary>
internal struct ExtraDevice
{
    public Device Device;

    /// <summary>Index of its user's entry.</summary>
    public int Owner;

    /// <summary>Index of the user's next extra device, or <see cref="UserEntry.NoMore"/>.</summary>
    public int Next;
}
