using System.Net;
using System.Net.Sockets;

namespace Presence.Scenarios.Subjects;

/// <summary>The least a .NET process needs for a connection: a socket with one receive pending, and nothing else.</summary>
internal static class BareSockets
{
    public const string Command = "bare-sockets";

    private const int Backlog = 8_192;

    public static async Task HoldAsync(IPEndPoint endPoint)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endPoint);
        listener.Listen(Backlog);
        while (true)
        {
            _ = ReceiveAsync(await listener.AcceptAsync());
        }
    }

    private static async Task ReceiveAsync(Socket socket)
    {
        using (socket)
        {
            // Without a buffer, as a server that holds many must.
            await socket.ReceiveAsync(Memory<byte>.Empty);
        }
    }
}
