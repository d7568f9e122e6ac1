namespace Presence.Engine;

/// <summary>Why a user's visible presence changed. Persisted in the journal: a cause keeps its number for ever, and there are at most 32.</summary>
public enum TransitionCause : byte
{
    /// <summary>A device came.</summary>
    Up,

    /// <summary>A status set on purpose.</summary>
    Explicit,

    Goodbye,

    /// <summary>The connection was lost and the device did not come back within the hold.</summary>
    HoldOver,

    /// <summary>No frame for d + 2δ.</summary>
    Silent,

    /// <summary>No activity reported for the configured time, or activity again.</summary>
    Activity,

    /// <summary>A lease over HTTP was not renewed.</summary>
    LeaseOver,

    /// <summary>Was online before a restart and did not come back.</summary>
    RecoveringOver,

    /// <summary>The token of a device was revoked.</summary>
    Revoked,
}
