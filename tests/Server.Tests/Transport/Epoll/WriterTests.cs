using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Xunit;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>The contract of a PipeWriter, by the loop's own.</summary>
public sealed class WriterTests : IAsyncDisposable
{
    private const int Window = 4_096;

    private readonly LoopThread _thread = new();

    public ValueTask DisposeAsync() => _thread.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_slow_reader_gets_every_byte_in_order(int seed)
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, maxUnsent: 8_192, windowBytes: Window);
        byte[] bytes = ConnectionPair.Bytes(2_000_000, seed);
        var random = new Random(seed);
        Task<byte[]> receiving = pair.ReceiveAsync();
        int waited = 0;
        for (int at = 0; at < bytes.Length;)
        {
            int piece = Math.Min(bytes.Length - at, random.Next(1, 10_000));
            pair.Output.Write(bytes.AsSpan(at, piece));
            at += piece;
            ValueTask<FlushResult> flush = pair.Output.FlushAsync();
            waited += flush.IsCompleted ? 0 : 1;
            FlushResult result = await flush;
            Assert.False(result.IsCompleted);
        }

        Assert.NotEqual(0, waited);
        await pair.Output.CompleteAsync();
        Assert.Equal(bytes, await receiving);
    }

    [Fact]
    public async Task A_flush_waits_for_a_peer_that_does_not_read_and_ends_when_it_does()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, windowBytes: Window);
        byte[] bytes = ConnectionPair.Bytes(1_000_000);
        ValueTask<FlushResult> flush = pair.Output.WriteAsync(bytes);
        await Assert.ThrowsAsync<TimeoutException>(() => flush.AsTask().WaitAsync(TimeSpan.FromMilliseconds(200)));
        Assert.Equal(bytes, await pair.ReceiveAsync(bytes.Length));
    }

    [Fact]
    public async Task What_is_written_while_a_flush_waits_goes_out_behind_it()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, windowBytes: Window);
        byte[] bytes = ConnectionPair.Bytes(1_000_000);
        Task<FlushResult> flush = pair.Output.WriteAsync(bytes).AsTask();
        pair.Output.Write("behind"u8);
        Task<byte[]> receiving = pair.ReceiveAsync();
        await flush;
        await pair.Output.CompleteAsync();
        byte[] received = await receiving;
        Assert.Equal([.. bytes, .. "behind"u8], received);
    }

    [Fact]
    public async Task A_flush_that_waits_can_be_canceled_and_loses_nothing()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, windowBytes: Window);
        byte[] bytes = ConnectionPair.Bytes(1_000_000);
        Task<FlushResult> flush = pair.Output.WriteAsync(bytes).AsTask();
        pair.Output.CancelPendingFlush();
        Assert.True((await flush).IsCanceled);
        await pair.Output.CompleteAsync();
        Assert.Equal(bytes, await pair.ReceiveAsync());
    }

    [Fact]
    public async Task A_token_ends_a_flush_that_waits_and_the_next_goes_on()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, windowBytes: Window);
        using var source = new CancellationTokenSource();
        byte[] bytes = ConnectionPair.Bytes(1_000_000);
        ValueTask<FlushResult> flush = pair.Output.WriteAsync(bytes, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await flush);
        Task<byte[]> receiving = pair.ReceiveAsync();
        await pair.Output.WriteAsync("behind"u8.ToArray());
        await pair.Output.CompleteAsync();
        byte[] received = await receiving;
        Assert.Equal([.. bytes, .. "behind"u8], received);
    }

    [Fact]
    public async Task A_flush_to_a_peer_that_is_gone_ends_without_a_fault()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, windowBytes: Window);
        Task<FlushResult> flush = pair.Output.WriteAsync(ConnectionPair.Bytes(1_000_000)).AsTask();
        pair.Peer.LingerState = new LingerOption(true, 0);
        pair.Peer.Close();
        Assert.True((await flush.WaitAsync(TimeSpan.FromSeconds(30))).IsCompleted);
        Assert.True((await pair.Output.WriteAsync("more"u8.ToArray())).IsCompleted);
    }

    [Fact]
    public async Task A_writer_that_is_complete_ends_its_half_only()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        pair.Output.Write("last"u8);
        _ = pair.Input.ReadAsync().AsTask();
        await pair.Output.CompleteAsync();
        Assert.Equal("last", ConnectionPair.Text(await pair.ReceiveAsync()));
        await pair.Peer.SendAsync("still heard"u8.ToArray());
    }

    [Fact]
    public async Task What_was_flushed_goes_out_behind_a_connection_that_is_let_go()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop, maxUnsent: int.MaxValue, windowBytes: Window);
        byte[] bytes = ConnectionPair.Bytes(1_000_000);
        await pair.Output.WriteAsync(bytes);
        await pair.Connection.DisposeAsync();
        Assert.Equal(bytes, await pair.ReceiveAsync());
    }

    [Fact]
    public async Task Nothing_is_read_or_written_once_it_is_complete()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_thread.Loop);
        await pair.Input.CompleteAsync();
        await pair.Output.CompleteAsync();
        Assert.Throws<InvalidOperationException>(() => pair.Output.GetSpan());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Input.ReadAsync());
        Assert.Empty(await pair.ReceiveAsync());
    }
}
