using System.Net;

namespace Presence.Server.Configuration;

/// <summary>Membership of a cluster. Empty, the default, is a single node that needs nothing installed.</summary>
internal sealed record ClusterConfiguration
{
    /// <summary>The port of <see cref="PeerAddress"/> when none is named.</summary>
    public const int DefaultPeerPort = 7100;

    /// <summary>
    /// <c>host:port[,…]</c> of the Redis that the members share, with options as the client library has them (<c>password=…</c>, <c>ssl=true</c>, <c>serviceName=…</c> for Sentinel). Set, it makes the node a member; nothing of
    /// a cluster is started otherwise.
    /// </summary>
    [Secret]
    public string Redis { get; init; } = "";

    /// <summary>
    /// The name of this node in the ring, in <c>Welcome</c>, logs and metrics. It has to be the same at every start, since who is home of whom follows from it. Empty, the default, is the host name. At most 64 characters.
    /// </summary>
    public string NodeId { get; init; } = "";

    /// <summary>
    /// <c>ip:port</c> where the other members reach this one, and where it listens for them. Empty, the default, is the first address of the machine that is no loopback, port 7100. Whoever reaches it can be a member: keep it on a network of
    /// their own, or set <see cref="PeerCertificateFile"/>.
    /// </summary>
    public string PeerAddress { get; init; } = "";

    /// <summary>
    /// The port, at the address of <see cref="PeerAddress"/>, of the streams by which members hand each other their changes. 0, the default: any that is free, of which the others are told. Where a firewall stands between
    /// members, name one and let it through; while it cannot be reached, changes go by <see cref="PeerAddress"/> too, at three times the price.
    /// </summary>
    [Between("0", "65535")]
    public int StreamPort { get; init; }

    /// <summary>
    /// A PEM file of a certificate and its key, which members show each other and by whose issuer (or, self-signed, by which itself) each judges the others. Empty, the default: they speak in clear.
    /// </summary>
    public string PeerCertificateFile { get; init; } = "";

    public bool IsMember() => Redis.Length > 0;

    /// <summary>What <see cref="PeerAddress"/> names; only where it is right.</summary>
    public IPEndPoint PeerEndPoint() => IPEndPoint.Parse(PeerAddress);
}
