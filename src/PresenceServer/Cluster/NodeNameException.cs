using System.Net;

namespace Presence.Server.Cluster;

/// <summary>Another process is the node of that name.</summary>
/// <param name="nodeId">The name.</param>
/// <param name="address">Where it is.</param>
internal sealed class NodeNameException(string nodeId, IPEndPoint address)
    : Exception($"Presence:Cluster:NodeId: '{nodeId}' is taken: another node of that name lives at {address}, and a name is to be one process's alone. Give each node a name of its own, or stop that one.");
