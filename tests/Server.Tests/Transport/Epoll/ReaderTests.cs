using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Presence.Server.Transport.Epoll;
using Xunit;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>The contract of a PipeReader, by the loop's own.</summary>
public sealed class ReaderTests : IAsyncDisposable
{
    private readonly LoopThread _thread = new();

    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    [Fact]
    public async Task What_is_left_comes_again_with_what_follows()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        await pair.Peer.SendAsync("abcdef"u8.ToArray());
        ReadResult read = await pair.Input.ReadAtLeastAsync(6);
        pair.Input.AdvanceTo(read.Buffer.GetPosition(2), read.Buffer.End);
        ValueTask<ReadResult> next = pair.Input.ReadAsync();
        Assert.False(next.IsCompleted);
        await pair.Peer.SendAsync("gh"u8.ToArray());
        read = await next;
        Assert.Equal("cdefgh"u8, read.Buffer.ToArray());
        pair.Input.AdvanceTo(read.Buffer.End);
    }

    [Fact]
    public async Task What_a_peer_had_said_before_it_was_gone_is_read_after_a_write_has_failed()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        byte[] bytes = ConnectionPair.Bytes(50_000);
        await pair.Peer.SendAsync(bytes);
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();
        while (!(await pair.Output.WriteAsync("told"u8.ToArray())).IsCompleted)
        {
        }

        Assert.Equal(bytes, await ReadAsync(pair, bytes.Length));
        Assert.Empty(await ReadAsync(pair, bytes: 1));
    }

    [Fact]
    public async Task Who_waits_for_a_peer_learns_of_its_end_from_a_write_that_fails()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        Task<byte[]> reading = ReadAsync(pair, bytes: 1);
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();
        while (!(await pair.Output.WriteAsync("told"u8.ToArray())).IsCompleted)
        {
        }

        Assert.Empty(await reading);
        await pair.Connection.DisposeAsync();
        Assert.True(await ClosedAsync(pair.Connection));
    }

    [Fact]
    public async Task What_was_not_looked_at_is_there_at_once()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        await pair.Peer.SendAsync("abc"u8.ToArray());
        ReadResult read = await pair.Input.ReadAtLeastAsync(3);
        pair.Input.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.GetPosition(2));
        Assert.True(pair.Input.TryRead(out read));
        Assert.Equal("bc"u8, read.Buffer.ToArray());
        pair.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.False(pair.Input.TryRead(out _));
    }

    [Fact]
    public async Task A_frame_of_any_size_grows_in_one_piece()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        byte[] sent = ConnectionPair.Bytes(1 << 20);
        Task sending = pair.Peer.SendAsync(sent);
        Assert.Equal(sent, await pair.PeekAsync(sent.Length));
        await sending;
    }

    // Several connections over one loop, so that what one leaves must survive what the next one reads.
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task Any_way_of_reading_gives_the_bytes_that_were_sent(int seed, bool threads)
    {
        const int Connections = 5;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(async () =>
        {
            await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
            byte[] sent = ConnectionPair.Bytes(200_000, (seed * Connections) + i);
            Task sending = SendInPiecesAsync(pair, sent, new Random(seed));
            Assert.Equal(sent, await ReadInPiecesAsync(pair, new Random(~seed), threads));
            await sending;
        })));
    }

    [Fact]
    public async Task A_read_that_waits_can_be_canceled_and_the_next_goes_on()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        ValueTask<ReadResult> waiting = pair.Input.ReadAsync();
        pair.Input.CancelPendingRead();
        ReadResult read = await waiting;
        Assert.True(read.IsCanceled);
        pair.Input.AdvanceTo(read.Buffer.End);
        pair.Input.CancelPendingRead();
        read = await pair.Input.ReadAsync();
        Assert.True(read.IsCanceled);
        pair.Input.AdvanceTo(read.Buffer.End);
        await pair.Peer.SendAsync("a"u8.ToArray());
        read = await pair.Input.ReadAsync();
        Assert.False(read.IsCanceled);
        Assert.Equal("a"u8, read.Buffer.ToArray());
    }

    [Fact]
    public async Task A_token_ends_a_read_that_waits()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        using var source = new CancellationTokenSource();
        ValueTask<ReadResult> waiting = pair.Input.ReadAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await pair.Peer.SendAsync("a"u8.ToArray());
        Assert.Equal("a", ConnectionPair.Text(await pair.PeekAsync(1)));
    }

    [Fact]
    public async Task A_peer_that_ends_its_half_is_told_of_with_what_it_sent_and_can_still_be_written_to()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        await pair.Peer.SendAsync("bye"u8.ToArray());
        pair.Peer.Shutdown(SocketShutdown.Send);
        ReadResult read = await pair.Input.ReadAsync();
        while (!read.IsCompleted)
        {
            pair.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await pair.Input.ReadAsync();
        }

        Assert.Equal("bye"u8, read.Buffer.ToArray());
        pair.Input.AdvanceTo(read.Buffer.End);
        Assert.True((await pair.Input.ReadAsync()).IsCompleted);
        await pair.Output.WriteAsync("and you"u8.ToArray());
        Assert.Equal("and you", ConnectionPair.Text(await pair.ReceiveAsync(7)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_fails_the_read_that_waits_and_those_after(bool waits)
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        ValueTask<ReadResult> waiting = waits ? pair.Input.ReadAsync() : default;
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await (waits ? waiting : pair.Input.ReadAsync()));
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await pair.Input.ReadAsync());
    }

    [Fact]
    public async Task Abort_fails_the_read_that_waits_and_resets_the_peer()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        ValueTask<ReadResult> waiting = pair.Input.ReadAsync();
        CancellationToken closed = pair.Connection.ConnectionClosed;
        pair.Connection.Abort(new ConnectionAbortedException("enough"));
        Assert.Equal("enough", (await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await waiting)).Message);
        await Assert.ThrowsAsync<SocketException>(() => pair.ReceiveAsync(1));
        var told = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = closed.Register(told.SetResult);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_loop_that_ends_fails_the_reads_of_its_connections_and_those_that_come_later()
    {
        var thread = new LoopThread();
        await using ConnectionPair pair = ConnectionPair.Open(thread.Loop);
        await using ConnectionPair late = ConnectionPair.Open(thread.Loop);
        Task<ReadResult> waiting = pair.Input.ReadAsync().AsTask();
        await pair.Peer.SendAsync("a"u8.ToArray());
        pair.Input.AdvanceTo((await waiting).Buffer.End);
        await thread.DisposeAsync();
        await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await pair.Input.ReadAsync());
        await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await late.Input.ReadAsync());
    }

    [Fact]
    public async Task Two_reads_at_a_time_are_refused()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        ValueTask<ReadResult> first = pair.Input.ReadAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Input.ReadAsync());
        pair.Input.CancelPendingRead();
        await first;
    }

    private static async Task SendInPiecesAsync(ConnectionPair pair, byte[] bytes, Random random)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int piece = Math.Min(bytes.Length - at, random.Next(4) == 0 ? random.Next(1, 40_000) : random.Next(1, 300));
            await pair.Peer.SendAsync(bytes.AsMemory(at, piece));
            at += piece;
        }

        pair.Peer.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadInPiecesAsync(ConnectionPair pair, Random random, bool threads)
    {
        using var all = new MemoryStream();
        while (true)
        {
            // A read may begin on the loop's thread, where the one before has ended, or on any other.
            ReadResult read = await (threads ? Task.Run(() => pair.Input.ReadAsync().AsTask()) : pair.Input.ReadAsync().AsTask());
            long consumed = read.IsCompleted ? read.Buffer.Length : random.NextInt64(read.Buffer.Length + 1);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer.Slice(0, consumed))
            {
                all.Write(piece.Span);
            }

            SequencePosition at = read.Buffer.GetPosition(consumed);
            pair.Input.AdvanceTo(at, random.Next(3) == 0 ? at : read.Buffer.End);
            if (read.IsCompleted)
            {
                return all.ToArray();
            }
        }
    }

    // So many bytes, or those up to the end of the connection, whichever way it ends.
    private static async Task<byte[]> ReadAsync(ConnectionPair pair, int bytes)
    {
        try
        {
            ReadResult read = await pair.Input.ReadAtLeastAsync(bytes);
            byte[] seen = read.Buffer.ToArray();
            pair.Input.AdvanceTo(read.Buffer.End);
            return seen;
        }
        catch (ConnectionResetException)
        {
            return [];
        }
    }

    private static async Task<bool> ClosedAsync(EpollConnection connection)
    {
        var closed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(() => closed.SetResult(true));
        return await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
