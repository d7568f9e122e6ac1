namespace Presence.Server.Configuration;

/// <summary>How the sockets of <c>Presence:Listen:Tcp</c> and <c>:WebSocket</c> are served.</summary>
internal enum TransportKind
{
    /// <summary>Each by the loop of its user's shard. Linux.</summary>
    Epoll,

    /// <summary>By the framework's sockets, as those of all other listeners are.</summary>
    Sockets,
}
