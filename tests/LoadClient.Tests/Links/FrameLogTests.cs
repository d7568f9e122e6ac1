using System.Buffers;
using CsCheck;
using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

/// <summary>A server that takes the frames of a log in order must get each once or more, never a gap, whatever happens on the way.</summary>
public sealed class FrameLogTests
{
    private enum Step
    {
        Write,
        Ask,
        Send,
        Ack,
        GoBack,
        Reconnect,
    }

    private static readonly Gen<List<(Step Step, int Size)>> _stories =
        Gen.Select(Gen.Enum<Step>(), Gen.Int[1, 40_000]).List[1, 200];

    [Fact]
    public void Nothing_is_lost_or_torn() => _stories.Sample(static story =>
    {
        var log = new FrameLog();
        var server = new Server();
        ulong seq = 0;
        foreach ((Step step, int size) in story)
        {
            switch (step)
            {
                case Step.Write:
                    Write(log, ++seq, size);
                    break;
                case Step.Ask:
                    Write(log, 0, size);
                    break;
                case Step.Send:
                    Send(log, server, size);
                    break;
                case Step.Ack:
                    log.Acked(server.Last);
                    break;
                case Step.GoBack:
                    log.GoBack();
                    break;
                default:
                    server.Disconnect();
                    log.Resume(server.Last);
                    break;
            }
        }

        while (!log.Unsent.IsEmpty)
        {
            Send(log, server, log.Unsent.Length);
        }

        Assert.Equal(seq, server.Last);
        log.Acked(seq);
        Assert.True(log.IsEmpty);
        Assert.Equal(0, log.Bytes);
    });

    [Fact]
    public void It_is_full_at_its_limit()
    {
        var log = new FrameLog();
        Write(log, 1, FrameLog.MaxBytes - 112);
        Assert.True(log.HasRoomFor(100));
        Assert.False(log.HasRoomFor(101));
    }

    // A frame: its seq and its length, then bytes that follow from both.
    private static void Write(FrameLog log, ulong seq, int size)
    {
        Span<byte> frame = log.GetSpan(size + 12);
        BitConverter.TryWriteBytes(frame, seq);
        BitConverter.TryWriteBytes(frame[8..], size);
        frame.Slice(12, size).Fill((byte)(seq + (ulong)size));
        log.Advance(size + 12);
        log.Commit(seq);
    }

    private static void Send(FrameLog log, Server server, int bytes)
    {
        ReadOnlySpan<byte> taken = log.Unsent[..Math.Min(bytes, log.Unsent.Length)];
        server.Receive(taken);
        log.Sent(taken.Length);
    }

    private sealed class Server
    {
        private readonly ArrayBufferWriter<byte> _received = new();
        private int _read;

        /// <summary>Of the last frame in order.</summary>
        public ulong Last { get; private set; }

        public void Disconnect()
        {
            _received.Clear();
            _read = 0;
        }

        public void Receive(ReadOnlySpan<byte> bytes)
        {
            _received.Write(bytes);
            while (TryRead(out ulong seq))
            {
                Assert.True(seq <= Last + 1, "a gap");
                Last = Math.Max(Last, seq);
            }
        }

        private bool TryRead(out ulong seq)
        {
            seq = 0;
            ReadOnlySpan<byte> rest = _received.WrittenSpan[_read..];
            if (rest.Length < 12 || rest.Length < 12 + BitConverter.ToInt32(rest[8..]))
            {
                return false;
            }

            seq = BitConverter.ToUInt64(rest);
            int size = BitConverter.ToInt32(rest[8..]);
            Assert.False(rest.Slice(12, size).ContainsAnyExcept((byte)(seq + (ulong)size)), "torn");
            _read += 12 + size;
            return true;
        }
    }
}
