using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>A node that stops drops who has not left in time.</summary>
public sealed class DropTests
{
    [Fact]
    public async Task All_that_a_loop_serves_ends_and_what_comes_later_is_served()
    {
        await using var front = new LoopThread();
        ConnectionPair[] pairs = [.. Enumerable.Range(0, 3).Select(_ => ConnectionPair.Open(front.Loop))];
        List<Task> reads = [];
        foreach (ConnectionPair pair in pairs)
        {
            // A byte is read first: who waits behind it is in the loop's poll, not in its queue.
            await pair.Peer.SendAsync("."u8.ToArray());
            pair.Input.AdvanceTo((await pair.Input.ReadAsync()).Buffer.End);
            reads.Add(pair.Input.ReadAsync().AsTask());
        }

        front.Loop.DropAll();
        foreach (Task read in reads)
        {
            await Assert.ThrowsAsync<ConnectionAbortedException>(() => read);
        }

        foreach (ConnectionPair pair in pairs)
        {
            await Assert.ThrowsAsync<SocketException>(async () => await pair.Peer.ReceiveAsync(new byte[1]));
            await pair.DisposeAsync();
        }

        await using ConnectionPair late = ConnectionPair.Open(front.Loop);
        await late.Peer.SendAsync("late"u8.ToArray());
        Assert.Equal("late", ConnectionPair.Text(await late.PeekAsync(4)));
    }
}
