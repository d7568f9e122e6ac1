using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;

namespace Presence.Server.Http;

/// <summary>What the kernel knows of the other end of a request's connection.</summary>
internal sealed class PeerSocket(HttpContext http)
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;

    // struct tcp_info of linux/tcp.h: eight bytes of flags, then 32-bit fields of which this is the thirteenth: ms since an ACK came.
    private const int LastAckReceivedOffset = 8 + (12 * sizeof(uint));

    /// <summary>The kernel counts in jiffies of up to 10 ms, and an answer can share its jiffy with what it answers.</summary>
    private const int GranularityMs = 20;

    private readonly Socket? _socket = http.Features.Get<IConnectionSocketFeature>()?.Socket;

    /// <summary>
    /// Whether anything was acknowledged in the last <paramref name="ms"/>. True where the kernel cannot be asked: there a write that it
    /// took must do, and a peer that is gone is found when TCP gives up.
    /// </summary>
    public bool HasAcknowledgedWithin(long ms)
    {
        if (_socket is null || !OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> info = stackalloc byte[LastAckReceivedOffset + sizeof(uint)];
        try
        {
            int length = _socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
            return length < info.Length || Read(info) <= ms + GranularityMs;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static uint Read(ReadOnlySpan<byte> info) => MemoryMarshal.Read<uint>(info[LastAckReceivedOffset..]);
}
