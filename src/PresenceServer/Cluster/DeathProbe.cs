using System.Net;
using System.Net.Sockets;

namespace Presence.Server.Cluster;

/// <summary>Tells a process that is gone from one that says nothing: the port of the first refuses.</summary>
internal static class DeathProbe
{
    // A refusal comes at once, or never.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <returns>True: nobody listens there any more. False: somebody does, or nothing is known.</returns>
    public static async Task<bool> IsGoneAsync(IPEndPoint address) => await ConnectAsync(address) == SocketError.ConnectionRefused;

    /// <returns>True: somebody listens there, and be it a process that stands still.</returns>
    public static async Task<bool> AnswersAsync(IPEndPoint address) => await ConnectAsync(address) == SocketError.Success;

    private static async Task<SocketError> ConnectAsync(IPEndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await socket.ConnectAsync(address, patience.Token);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.TimedOut;
        }
    }
}
