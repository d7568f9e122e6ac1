using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Hosting;
using Presence.Server.Transport.Epoll;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>A connection that a loop serves, and its peer, over a real TCP socket.</summary>
internal sealed class ConnectionPair : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private ConnectionPair(EpollConnection connection, Socket peer) => (Connection, Peer) = (connection, peer);

    public EpollConnection Connection { get; }

    public PipeReader Input => Connection.Transport.Input;

    public PipeWriter Output => Connection.Transport.Output;

    public Socket Peer { get; }

    /// <param name="maxUnsent">Bytes past which a flush waits.</param>
    /// <param name="windowBytes">How much the peer's kernel takes for it, and ours keeps; 0 for what is usual.</param>
    public static ConnectionPair Open(EpollLoop loop, int maxUnsent = 16_384, int windowBytes = 0)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var peer = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (windowBytes > 0)
        {
            (listener.SendBufferSize, peer.ReceiveBufferSize) = (windowBytes, windowBytes);
        }

        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        peer.Connect(listener.LocalEndPoint!);
        byte[] address = new byte[PeerAddress.MaxBytes];
        var cap = new ConnectionCap(1, new AddressCounts(1, 1), new LimitHits(), new Seldom(TimeProvider.System), NullLogger.Instance);
        int descriptor = Libc.Accept((int)listener.Handle, address);
        return new(new EpollConnection(descriptor, loop, listener.LocalEndPoint!, PeerAddress.Read(address), maxUnsent, cap), peer);
    }

    /// <summary>Reads, with all that was left, at least so many bytes; they stay unread.</summary>
    public async Task<byte[]> PeekAsync(int bytes)
    {
        using var patience = new CancellationTokenSource(s_patience);
        ReadResult read = await Input.ReadAtLeastAsync(bytes, patience.Token);
        byte[] seen = [.. read.Buffer.FirstSpan];
        Input.AdvanceTo(read.Buffer.Start);
        return seen;
    }

    /// <summary>What the peer receives until the end, or so many bytes.</summary>
    public async Task<byte[]> ReceiveAsync(int bytes = int.MaxValue)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var received = new MemoryStream();
        byte[] buffer = new byte[65_536];
        while (received.Length < bytes)
        {
            int read = await Peer.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes - received.Length)), patience.Token);
            if (read == 0)
            {
                break;
            }

            received.Write(buffer, 0, read);
        }

        return received.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        Peer.Dispose();
    }

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Any bytes, the same each time.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
