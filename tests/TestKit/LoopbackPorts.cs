using System.Net;
using System.Net.Sockets;

namespace Presence.TestKit;

/// <summary>Addresses for servers that are started again where they were.</summary>
public static class LoopbackPorts
{
    private const int First = 12_000;
    private const int FirstClientPort = 32_000;

    /// <summary>
    /// One that nobody has, below the ports that the system gives to clients: one of those may be refused for what it was to a client before, and whoever
    /// connects to it before anybody listens may be given the same port, and then has reached itself.
    /// </summary>
    public static IPEndPoint Free()
    {
        while (true)
        {
            var drawn = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(First, FirstClientPort));
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(drawn);
                return drawn;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
    }
}
