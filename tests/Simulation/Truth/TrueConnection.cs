using Presence.V1;

namespace Presence.Simulation;

/// <summary>What is true of a connection at the server: who speaks on it, when it was heard, and what has been written to it.</summary>
internal sealed class TrueConnection(ServerConnection port)
{
    public ServerConnection Port { get; } = port;

    /// <summary>Whose it is; null before its Hello was taken.</summary>
    public TrueUser? User { get; set; }

    /// <summary>The device that speaks on it; null before, and once it was replaced, closed or lost.</summary>
    public TrueDevice? Device { get; set; }

    /// <summary>When the last frame was read, on the monotonic clock.</summary>
    public long HeardMs { get; private set; }

    /// <summary>When it was heard last, or its reader was seen to be paused, which counts as much.</summary>
    public long AsGoodAsHeardMs { get; private set; }

    /// <summary>Unix ms.</summary>
    public long TokenExpiresMs { get; set; }

    /// <summary>Engine time of the last activity its client spoke of.</summary>
    public long ActiveAtMs { get; set; }

    /// <summary>Engine time at which it became congested; means nothing while it is not.</summary>
    public long CongestedAtMs { get; set; }

    /// <summary>How many requests had been answered by then in the turn that welcomed it.</summary>
    public int AckedBefore { get; set; }

    public bool IsCongested { get; set; }

    /// <summary>What the shard closed it with.</summary>
    public CloseCode? ClosedWith { get; set; }

    /// <summary>Explicit statuses that have no answer yet, by request.</summary>
    public Dictionary<ulong, SaidStatus> Said { get; } = [];

    public WrittenView View { get; } = new();

    public void Heard(long monoMs) => HeardMs = AsGoodAsHeardMs = monoMs;

    public void IsPaused(long monoMs) => AsGoodAsHeardMs = monoMs;
}
