using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Hosting;
using Presence.Server.Transport;
using Presence.Server.Transport.Epoll;
using Xunit;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>Who has been accepted and has not said a whole first message: a line, here.</summary>
public sealed class NewcomerTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly LoopThread _front = new();
    private readonly NodeClock _clock = new(TimeProvider.System);
    private readonly ConnectionCap _cap = new(1, new AddressCounts(1, 1), new LimitHits(), new Seldom(TimeProvider.System), NullLogger.Instance);
    private readonly TaskCompletionSource<EpollConnection> _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _went = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Socket _peer = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private DeadlineQueue _handshakes = null!;
    private EpollListener _listener = null!;
    private volatile int _looks;
    private int _came;

    public async ValueTask InitializeAsync()
    {
        _handshakes = new DeadlineQueue(_clock, s_patience, static connection => connection.HandshakeIsOver(), NullLogger.Instance);
        var doorstep = new Doorstep(_front.Loop, _cap, _handshakes, maxUnsent: 16_384)
        {
            Decides = first =>
            {
                _looks++;
                return first.Contains((byte)'\n');
            },
            Came = () => _came++,
            Went = _went.SetResult,
            Serve = _served.SetResult,
        };
        _listener = new EpollListener(new IPEndPoint(IPAddress.Loopback, 0), backlog: 1, _cap, doorstep, TimeProvider.System, NullLogger.Instance);
        _listener.Open();
        await _peer.ConnectAsync(_listener.EndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        _peer.Dispose();
        await _listener.CloseAsync();
        await _front.DisposeAsync();
    }

    [Fact]
    public async Task It_is_a_connection_when_its_message_is_whole_and_nothing_of_it_is_lost()
    {
        foreach (char letter in "hello")
        {
            int looks = _looks;
            await _peer.SendAsync(new[] { (byte)letter });
            await UntilAsync(() => _looks > looks);
            Assert.False(_served.Task.IsCompleted);
        }

        await _peer.SendAsync("\nmore"u8.ToArray());
        await using EpollConnection connection = await _served.Task.WaitAsync(s_patience);
        var read = await connection.Transport.Input.ReadAtLeastAsync("hello\nmore".Length);
        Assert.Equal("hello\nmore", ConnectionPair.Text([.. read.Buffer.FirstSpan]));
        Assert.NotNull(connection.Handshake);
        Assert.Equal(1, _came);
        Assert.False(_went.Task.IsCompleted);
    }

    [Fact]
    public async Task Who_goes_without_a_word_is_gone_and_its_place_is_free()
    {
        await UntilAsync(() => _came == 1);
        _peer.Dispose();
        await _went.Task.WaitAsync(s_patience);
        Assert.False(_served.Task.IsCompleted);
        Assert.True(_cap.TryEnter(1));
    }

    [Fact]
    public async Task What_begins_and_ends_in_the_middle_is_for_the_connection_to_judge()
    {
        await _peer.SendAsync("hel"u8.ToArray());
        await UntilAsync(() => _looks > 0);
        _peer.Shutdown(SocketShutdown.Send);
        await using EpollConnection connection = await _served.Task.WaitAsync(s_patience);
        Assert.Equal("hel", ConnectionPair.Text([.. (await connection.Transport.Input.ReadAsync()).Buffer.FirstSpan]));
    }

    [Fact]
    public async Task Whose_time_is_over_becomes_a_connection_that_can_say_so()
    {
        await UntilAsync(() => _handshakes.MakeRoom(TimeSpan.Zero));
        await using EpollConnection connection = await _served.Task.WaitAsync(s_patience);
        // Nobody's place any more: who takes it is too late.
        Assert.Null(connection.Handshake!.Take());
    }

    [Fact]
    public async Task A_loop_that_drops_all_drops_those_too()
    {
        await UntilAsync(() => _came == 1);
        _front.Loop.DropAll();
        await _went.Task.WaitAsync(s_patience);
        await Assert.ThrowsAsync<SocketException>(async () => await _peer.ReceiveAsync(new byte[1]));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!holds())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
