using Presence.Engine;
using Presence.Server.Transport;
using Presence.V1;

namespace Presence.Server.Diagnostics;

/// <summary>What is counted outside the shards, by whoever it happens to. Shards count for themselves, in <see cref="ShardCounters"/>; the metrics are the sums. Any thread.</summary>
internal sealed class NodeCounters
{
    public LimitHits Limits { get; } = new();

    public Sheds Sheds { get; } = new();

    public ConnectionCounts Connections { get; } = new();

    /// <summary>Handshakes that ended with a close code; UNSPECIFIED for a request that did not become a WebSocket.</summary>
    public Tally<CloseCode> Refusals { get; } = new();

    /// <summary>A Hello was refused, or did not come.</summary>
    public void Refused(Refusal refusal)
    {
        Refusals.Add(refusal.CloseCode);
        Limits.Hit(refusal.Error);
        Sheds.Add(refusal.Error);
        if (refusal.CloseCode == CloseCode.HandshakeTimeout)
        {
            Limits.Hit(LimitHits.HandshakeTimeout);
        }
    }

    /// <summary>A request for a WebSocket was refused, or did not come whole in time.</summary>
    public void UpgradeRefused(bool isTooLate)
    {
        Refusals.Add(isTooLate ? CloseCode.HandshakeTimeout : CloseCode.Unspecified);
        if (isTooLate)
        {
            Limits.Hit(LimitHits.HandshakeTimeout);
        }
    }
}
