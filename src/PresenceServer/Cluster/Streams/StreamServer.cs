using System.Buffers.Binary;
using System.Net.Sockets;
using Orleans.Runtime;

namespace Presence.Server.Cluster.Streams;

/// <summary>
/// The end of one stream at which calls come in, on a thread of its own. Each is answered when the shards have had their turns with it, by the last of them; only then may the next come.
/// </summary>
internal sealed class StreamServer(Socket socket, byte[] key, PeerInbox inbox)
{
    // What a turn has for another node is some kilobytes, and a full state some megabytes: room for the first is kept.
    private const int Usual = 64 << 10;

    // Shards say something once a second, or whoever says nothing is gone without a word.
    private static readonly int s_silentMs = (int)TimeSpan.FromSeconds(30).TotalMilliseconds;

    // To take an answer of some bytes.
    private static readonly int s_patienceMs = (int)TimeSpan.FromSeconds(5).TotalMilliseconds;

    private readonly Lock _writing = new();
    private volatile bool _isAnswering;

    /// <summary>Blocks until the stream ends.</summary>
    /// <param name="security">Of the stream.</param>
    /// <param name="isWelcome">Whoever showed the key and is this silo.</param>
    /// <exception cref="Exception">Why it has ended.</exception>
    public void Serve(PeerSecurity security, Func<SiloAddress, bool> isWelcome)
    {
        (socket.NoDelay, socket.ReceiveTimeout, socket.SendTimeout) = (true, s_silentMs, s_patienceMs);
        using Stream stream = security.AsServer(new NetworkStream(socket, ownsSocket: true));
        SiloAddress silo = StreamGreeting.Read(stream, key);
        if (!isWelcome(silo))
        {
            throw new InvalidDataException($"{silo} is a member no more.");
        }

        stream.Write(new byte[StreamGreeting.WelcomeSize]);
        byte[] buffer = new byte[Usual];
        while (true)
        {
            int length = Read(stream, ref buffer);
            if (_isAnswering)
            {
                throw new InvalidDataException("More than one call at a time.");
            }

            _isAnswering = true;
            inbox.Take(StreamFrame.ReadCall(buffer.AsMemory(StreamFrame.HeadSize, length)), areTaken => Answer(stream, areTaken));
            buffer = buffer.Length > Usual ? new byte[Usual] : buffer;
        }
    }

    /// <returns>The length of a call behind its head.</returns>
    private static int Read(Stream stream, ref byte[] buffer)
    {
        int filled = stream.ReadAtLeast(buffer, StreamFrame.HeadSize);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        int end = StreamFrame.HeadSize + (int)length;
        if (length > StreamFrame.Longest || filled > end)
        {
            throw new InvalidDataException($"A call of {length} bytes, and {filled - StreamFrame.HeadSize} that came; the longest has {StreamFrame.Longest}, and nothing comes before its answer.");
        }

        if (end > buffer.Length)
        {
            Array.Resize(ref buffer, end);
        }

        stream.ReadExactly(buffer.AsSpan(filled, end - filled));
        return (int)length;
    }

    // On the thread of a shard: some bytes that the socket has room for, since there is no other answer in it.
    private void Answer(Stream stream, bool[] areTaken)
    {
        try
        {
            lock (_writing)
            {
                // In front of the answer, behind which the next call may come.
                _isAnswering = false;
                stream.Write(StreamFrame.WriteAnswer(areTaken));
            }
        }
        catch (Exception)
        {
            // Whatever it is, it is no business of the shard's.
            socket.Dispose();
        }
    }
}
