using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

internal enum Standing
{
    /// <summary>On a connection.</summary>
    Live,

    /// <summary>Its connection was lost; it may come back unnoticed.</summary>
    Held,

    /// <summary>Stands for the devices of before a restart.</summary>
    Recovering,
}

/// <summary>A device as it truly is.</summary>
internal sealed class TrueDevice(ulong key)
{
    /// <summary>0 of the one that stands for those of before a restart.</summary>
    public ulong Key { get; } = key;

    public Standing Standing { get; set; }

    public TrueConnection? Connection { get; set; }

    /// <summary>Whose loss it was held for last: a Goodbye that is read of that all the same is heard.</summary>
    public TrueConnection? HeldFor { get; set; }

    /// <summary>What it said last.</summary>
    public StatusSet Status { get; set; }

    /// <summary>When a status of it that had waited was answered last, on the monotonic clock: had it left then, nobody has seen that status.</summary>
    public long SettledAtMs { get; set; }

    /// <summary>The server may have set it AWAY.</summary>
    public bool MayBeAway { get; set; }

    /// <summary>Its time is over, and the shard has not come to it yet.</summary>
    public bool MayBeGone { get; set; }

    /// <summary>It was given a slot when its time was over, and the shard may have come to it before: nobody outside can see that.</summary>
    public bool MayHaveGone { get; set; }

    /// <summary>Of what stands for those of before a restart: a status that ends it waits at the server, or has been applied there.</summary>
    public bool MayBeReplaced { get; set; }

    public bool ReportsActivity { get; set; }

    /// <summary>It is over HTTP.</summary>
    public bool IsLease { get; init; }

    /// <summary>Of one over HTTP: what it said last, applied or not; to say it again is no choice.</summary>
    public Status Said { get; set; }

    public DeviceKinds Kinds { get; set; }

    /// <summary>By which it is there; null of what an operator has set.</summary>
    public TokenMark? Token { get; set; }

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
        | (MayBeGone || MayBeReplaced ? StatusSet.Of(V1.Status.Offline) : default);

    public bool IsInFold => !Status.IsOffline;

    /// <summary>Whatever waits at the server.</summary>
    public bool IsSurelyInFold => !Status.MayBeOffline;

    public override string ToString() =>
        $"{(Key == 0 ? "phantom" : Key)} {Standing} {Effective} {Kinds}" + (Connection is null ? $" due {DueMs}" : $" heard {Connection.HeardMs}");
}
