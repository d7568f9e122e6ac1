using System.Buffers;
using System.IO.Pipelines;
using Presence.Server.Transport.Epoll;
using Xunit;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>From one loop to another.</summary>
public sealed class MoveTests : IAsyncDisposable
{
    private readonly LoopThread _front = new();
    private readonly LoopThread _shard = new();

    public async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        await _shard.DisposeAsync();
    }

    [Fact]
    public async Task What_follows_a_move_runs_on_the_new_loop_and_no_byte_is_lost()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_front.Loop);
        await pair.Peer.SendAsync("hello and more"u8.ToArray());
        await Task.Run(async () =>
        {
            ReadResult read = await pair.Input.ReadAtLeastAsync(14);
            // Held over the move, as by a reader that is in the middle of what it has read.
            await pair.Connection.MoveToAsync(_shard.Loop);
            Assert.Same(_shard.Loop, EpollLoop.Current);
            Assert.Equal("hello and more"u8, read.Buffer.ToArray());
            pair.Input.AdvanceTo(read.Buffer.GetPosition(5));
            read = await pair.Input.ReadAsync();
            Assert.Equal(" and more"u8, read.Buffer.ToArray());
            pair.Input.AdvanceTo(read.Buffer.End);
            pair.Peer.Send("!"u8);
            read = await pair.Input.ReadAsync();
            Assert.Same(_shard.Loop, EpollLoop.Current);
            Assert.Equal("!"u8, read.Buffer.ToArray());
        });
    }

    [Fact]
    public async Task Bytes_that_wait_in_the_kernel_are_read_after_the_move()
    {
        await using ConnectionPair pair = ConnectionPair.Open(_front.Loop);
        await pair.Peer.SendAsync("waiting"u8.ToArray());
        await pair.Connection.MoveToAsync(_shard.Loop);
        Assert.Equal("waiting", ConnectionPair.Text(await pair.PeekAsync(7)));
    }

    // Moves, aborts and cancels of many connections at once, from threads that know nothing of each other.
    [Fact]
    public async Task A_connection_that_is_dropped_on_its_way_ends()
    {
        for (int i = 0; i < 200; i++)
        {
            await using ConnectionPair pair = ConnectionPair.Open(_front.Loop);
            Task moving = Task.Run(() => pair.Connection.MoveToAsync(_shard.Loop).AsTask());
            Task dropping = Task.Run(() => pair.Connection.Abort());
            await moving.WaitAsync(TimeSpan.FromSeconds(30));
            await dropping;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                while (true)
                {
                    pair.Input.AdvanceTo((await pair.Input.ReadAsync()).Buffer.End);
                }
            });
        }
    }
}
