using System.Net.Sockets;
using Presence.LoadClient.Connections;
using Xunit;

namespace Presence.LoadClient.Tests.Connections;

/// <summary>Alone: another test that opens a socket or a file could take the number that is to be taken again.</summary>
[CollectionDefinition(nameof(EventLoopTests), DisableParallelization = true)]
[Collection(nameof(EventLoopTests))]
public sealed class EventLoopTests
{
    /// <summary>Numbers below it may be free as well, and are filled first.</summary>
    private const int MostTries = 1_000;

    [Fact]
    public void A_socket_that_got_the_number_of_a_closed_one_is_not_told_what_was_for_that()
    {
        using var loop = new EventLoop(TimeProvider.System);
        using var heir = new Polled();
        Polled[] pair = [new(), new()];
        int served = 0;
        foreach (Polled polled in pair)
        {
            polled.Ready = () =>
            {
                served++;
                pair.Single(other => other != polled).GiveNumberTo(heir, loop);
                loop.Detach(polled.Socket);
            };
        }

        // Both are writable now, so one wait reports both; who is served first closes the other.
        foreach (Polled polled in pair)
        {
            loop.Attach(polled, polled.Socket, Readiness.Writable);
        }

        loop.RunUntil(() => served > 0, TestContext.Current.CancellationToken);

        Assert.Equal((1, 0), (served, heir.Times));
        foreach (Polled polled in pair)
        {
            polled.Dispose();
        }
    }

    private sealed class Polled : IPolled
    {
        public Socket Socket { get; private set; } = New();

        public Action Ready { get; set; } = static () => { };

        public int Times { get; private set; }

        public void OnReady(Readiness readiness)
        {
            Times++;
            Ready();
        }

        public void Dispose() => Socket.Dispose();

        /// <summary>Closes its socket; the heir, which nothing can make readable, takes the number.</summary>
        public void GiveNumberTo(Polled heir, EventLoop loop)
        {
            int number = Epoll.Handle(Socket);
            loop.Detach(Socket);
            Socket.Dispose();
            List<Socket> others = [heir.Socket];
            while (Epoll.Handle(heir.Socket = New()) != number && others.Count < MostTries)
            {
                others.Add(heir.Socket);
            }

            Assert.Equal(number, Epoll.Handle(heir.Socket));
            others.ForEach(static other => other.Dispose());
            loop.Attach(heir, heir.Socket, Readiness.Readable);
        }

        private static Socket New() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    }
}
