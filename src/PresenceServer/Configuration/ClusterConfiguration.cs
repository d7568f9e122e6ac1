namespace Presence.Server.Configuration;

/// <summary>Membership of a cluster. Empty, the default, is a single node that needs nothing installed.</summary>
internal sealed record ClusterConfiguration
{
    private const string Later = "clusters come in a later version; leave this empty to run a single node";

    /// <summary><c>host:port[,…]</c> of the Redis that the nodes share; may carry a password.</summary>
    [Secret, LaterVersion(Later)]
    public string Redis { get; init; } = "";

    /// <summary>
    /// The name of this node in <c>Welcome</c>, logs and metrics. Empty, the default, is the host name. At most 64 characters.
    /// </summary>
    public string NodeId { get; init; } = "";

    /// <summary>Where the other nodes reach this one.</summary>
    [LaterVersion(Later)]
    public string PeerAddress { get; init; } = "";
}
