using System.Net;
using System.Net.Sockets;
using Orleans.Runtime;

namespace Presence.Server.Cluster.Streams;

/// <summary>
/// A connection to another node, for nothing but batches: a call to its silo goes over some thirty threads, one on a stream over six. One call at a time, on a thread that waits for it; after one that failed it is of
/// no use any more.
/// </summary>
internal sealed class PeerStream : IDisposable
{
    // As a call to a silo.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Stream _stream;

    private PeerStream(Stream stream) => _stream = stream;

    /// <summary>Blocks until it is open.</summary>
    /// <exception cref="Exception">It could not be.</exception>
    public static PeerStream Open(SiloAddress self, SiloAddress peer, StreamOffer offer, PeerSecurity security)
    {
        // Never asynchronous: a socket that once was is waited for by way of the pool ever after.
        int patienceMs = (int)s_patience.TotalMilliseconds;
        var socket = new Socket(peer.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = patienceMs, ReceiveTimeout = patienceMs };
        try
        {
            socket.Connect(new IPEndPoint(peer.Endpoint.Address, offer.Port));
            Stream stream = security.AsClient(new NetworkStream(socket, ownsSocket: true));
            stream.Write(StreamGreeting.Write(offer.Key, self));
            // Only when it is welcome it is a way: a call on one that is not would be lost.
            stream.ReadExactly(new byte[StreamGreeting.WelcomeSize]);
            return new(stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <returns>Of each batch whether it was taken.</returns>
    /// <exception cref="Exception">Nobody knows.</exception>
    public bool[] Call(byte[][] batches)
    {
        _stream.Write(StreamFrame.WriteCall(batches));
        byte[] answer = new byte[StreamFrame.HeadSize + batches.Length];
        _stream.ReadExactly(answer);
        return StreamFrame.ReadAnswer(answer, batches.Length);
    }

    public void Dispose() => _stream.Dispose();
}
