using System.Net;
using System.Net.Sockets;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>The address of the admin listener: its type alone tells it from those of clients, whose ports may be the same 0.</summary>
internal sealed class AdminEndPoint(ListenAddress address) : IPEndPoint(
    address.Address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any), address.Port);
