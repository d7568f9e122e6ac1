using Presence.V1;

namespace Presence.Simulation;

/// <summary>What is true of a connection at the server: who speaks on it, when it was heard, and what has been written to it.</summary>
/// <param name="port">At the server.</param>
/// <param name="intervalMs">How often its client is to speak, as Welcome says.</param>
internal sealed class TrueConnection(ServerConnection port, long intervalMs)
{
    public ServerConnection Port { get; } = port;

    /// <summary>Whose it says it is; 0 before its Hello.</summary>
    public ulong UserId { get; set; }

    /// <summary>Whose it is; null before its Hello was taken.</summary>
    public TrueUser? User { get; set; }

    /// <summary>The device that speaks on it; null before, and once it was replaced, closed or lost.</summary>
    public TrueDevice? Device { get; set; }

    /// <summary>When the last frame was read, on the monotonic clock.</summary>
    public long HeardMs { get; private set; }

    /// <summary>When it was heard last, or its reader was seen to be paused, which counts as much.</summary>
    public long AsGoodAsHeardMs { get; private set; }

    public TruePace Pace { get; } = new(intervalMs);

    /// <summary>Unix ms.</summary>
    public long TokenExpiresMs { get; set; }

    /// <summary>Engine time of the last activity its client spoke of.</summary>
    public long ActiveAtMs { get; set; }

    /// <summary>Engine time at which it became congested; means nothing while it is not.</summary>
    public long CongestedAtMs { get; set; }

    /// <summary>How many requests had been answered by then in the turn that welcomed it.</summary>
    public int AckedBefore { get; set; }

    public bool IsCongested { get; set; }

    /// <summary>The token by which it came, or which it was to have from then on, is revoked.</summary>
    public bool IsRevoked { get; set; }

    /// <summary>What the shard closed it with.</summary>
    public CloseCode? ClosedWith { get; set; }

    /// <summary>Explicit statuses that have no answer yet, by request.</summary>
    public Dictionary<ulong, SaidStatus> Said { get; } = [];

    public WrittenView View { get; } = new();

    public void Heard(long monoMs) => HeardMs = AsGoodAsHeardMs = monoMs;

    public void IsPaused(long monoMs) => AsGoodAsHeardMs = monoMs;
}
