using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Attacks;

/// <summary>What became of all connections of one kind.</summary>
internal sealed class AttackCounts
{
    public long Opened { get; set; }

    /// <summary>Let in, and heard so: welcomed, or upgraded.</summary>
    public long Entered { get; set; }

    public long SentBytes { get; set; }

    /// <summary>Connections that were ended by the server, or did not come to be, by reason.</summary>
    public Tally Ended { get; } = new();

    /// <summary>From a connection's beginning to its end, whoever ended it.</summary>
    public TimeSpan LongestLife { get; set; }
}
