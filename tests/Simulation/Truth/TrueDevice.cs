using Presence.Protocol;

namespace Presence.Simulation;

internal enum Standing
{
    /// <summary>On a connection, or on a lease.</summary>
    Live,

    /// <summary>Its connection was lost; it may come back unnoticed.</summary>
    Held,

    /// <summary>Stands for the devices of before a restart.</summary>
    Recovering,

    /// <summary>On a gateway's link.</summary>
    OnLink,
}

/// <summary>A device as it truly is.</summary>
internal sealed class TrueDevice(ulong key)
{
    /// <summary>0 of the one that stands for those of before a restart.</summary>
    public ulong Key { get; } = key;

    public Standing Standing { get; set; }

    public TrueConnection? Connection { get; set; }

    /// <summary>The gateway's link it is on.</summary>
    public TrueLink? Link { get; init; }

    /// <summary>In which its link has named it last.</summary>
    public int Generation { get; set; }

    /// <summary>What it said last.</summary>
    public StatusSet Status { get; set; }

    /// <summary>The server may have set it AWAY.</summary>
    public bool MayBeAway { get; set; }

    /// <summary>Its time is over, and the shard has not come to it yet.</summary>
    public bool MayBeGone { get; set; }

    public bool ReportsActivity { get; set; }

    public DeviceKinds Kinds { get; set; }

    public ulong SessionId { get; set; }

    /// <summary>Engine time at which it is gone, of a device without a connection.</summary>
    public long DueMs { get; set; }

    /// <summary>Of a device without a connection: its last sign of life, on the monotonic clock.</summary>
    public long SeenMs { get; set; }

    /// <summary>By so much the server may think that it was heard later: its reader was paused, which counts as being heard.</summary>
    public long LaterMs { get; set; }

    /// <summary>What it counts as in the fold.</summary>
    public StatusSet Effective =>
        Status
        | (MayBeAway && Status.Has(V1.Status.Online) ? StatusSet.Of(V1.Status.Away) : default)
        | (MayBeGone ? StatusSet.Of(V1.Status.Offline) : default);

    public bool IsInFold => !Status.IsOffline;

    public override string ToString() =>
        $"{(Key == 0 ? "phantom" : Key)} {Standing} {Effective} {Kinds}" + (Connection is null ? $" due {DueMs}" : $" heard {Connection.HeardMs}");
}
