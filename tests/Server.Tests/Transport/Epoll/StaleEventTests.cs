using System.Net;
using System.Net.Sockets;
using Presence.Server.Hosting;
using Presence.Server.Transport.Epoll;
using Xunit;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>What the kernel has said of one descriptor is never taken for another's.</summary>
public sealed class StaleEventTests : IDisposable
{
    private const PollEvents Interest = PollEvents.Readable | PollEvents.Writable | PollEvents.PeerEnded;

    private readonly EpollLoop _loop = new(new NodeClock(TimeProvider.System));
    private readonly (Socket Ours, Socket Peer) _first = Connect();
    private readonly (Socket Ours, Socket Peer) _second = Connect();

    [Fact]
    public void An_event_in_the_batch_of_who_was_forgotten_meanwhile_is_not_given_to_who_comes_next()
    {
        var first = new Polled();
        var second = new Polled();
        int key = -1;
        var change = new Polled
        {
            OnRequest = () =>
            {
                _loop.Forget(key);
                _first.Ours.Dispose();
                Assert.True(_loop.TryServe((int)_second.Ours.Handle, second, Interest, out _));
            },
        };

        Rest();
        Assert.True(_loop.TryServe((int)_first.Ours.Handle, first, Interest, out key));
        Rest();
        Assert.Equal(PollEvents.Writable, first.Seen);

        // In one rest: the end of the first is polled, then the request is done, then the events are handed out.
        _first.Peer.Dispose();
        _loop.Post(change, LoopRequest.Accept);
        Rest();
        Assert.Equal((PollEvents.Writable, PollEvents.None), (first.Seen, second.Seen));

        Rest();
        Assert.Equal(PollEvents.Writable, second.Seen);
    }

    [Fact]
    public void A_key_is_used_again()
    {
        Rest();
        Assert.True(_loop.TryServe((int)_first.Ours.Handle, new Polled(), Interest, out int first));
        _loop.Forget(first);
        Rest();
        Assert.True(_loop.TryServe((int)_second.Ours.Handle, new Polled(), Interest, out int second));
        Assert.Equal(first, second);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _first.Ours.Dispose();
        _first.Peer.Dispose();
        _second.Ours.Dispose();
        _second.Peer.Dispose();
    }

    private void Rest()
    {
        _loop.Clear();
        _loop.Rest(0);
    }

    private static (Socket Ours, Socket Peer) Connect()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);
        return (listener.Accept(), peer);
    }

    private sealed class Polled : IPolled
    {
        public Action? OnRequest { get; init; }

        public PollEvents Seen { get; private set; }

        public void OnEvents(PollEvents events) => Seen |= events;

        public void GoOn()
        {
        }

        public void Do(LoopRequest request)
        {
            if (request == LoopRequest.Accept)
            {
                OnRequest?.Invoke();
            }
        }
    }
}
