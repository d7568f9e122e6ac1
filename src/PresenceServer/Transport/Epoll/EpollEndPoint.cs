using System.Net;

namespace Presence.Server.Transport.Epoll;

/// <summary>An address to be served by loops of ours: its type alone tells it from one of the framework's sockets.</summary>
internal sealed class EpollEndPoint(IPAddress address, int port) : IPEndPoint(address, port);
