using Presence.LoadClient.Measuring;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

public sealed class FlipLogTests
{
    private readonly FlipLog _log = new();

    [Fact]
    public void The_last_of_the_watchers_is_told_apart()
    {
        Send(1, Status.Away, watchers: 2);
        Assert.Equal((1, false), Deliver(10, Status.Away));
        Assert.Equal((1, true), Deliver(10, Status.Away));
        Assert.Equal(1, _log.Completed);
    }

    [Fact]
    public void A_watcher_that_lags_is_told_of_the_older_flip_to_that_status()
    {
        Send(1, Status.Away, watchers: 2);
        Assert.Equal((1, false), Deliver(10, Status.Away));
        Send(2, Status.Busy, watchers: 2);
        Send(3, Status.Away, watchers: 2);
        _log.Acked(2, 20);
        Assert.Equal((3, false), Deliver(30, Status.Away));
        Assert.Equal((1, true), Deliver(10, Status.Away));
        Assert.Equal((3, true), Deliver(30, Status.Away));
    }

    [Fact]
    public void The_ack_may_come_first()
    {
        Send(1, Status.Away, watchers: 1);
        _log.Acked(1, 10);
        Assert.Null(Deliver(9, Status.Away));
        Assert.Equal((1, true), Deliver(10, Status.Away));
    }

    [Fact]
    public void Of_what_was_flipped_too_long_ago_nothing_is_said()
    {
        Send(1, Status.Away, watchers: 1);
        _log.Acked(1, 10);
        for (ulong n = 2; n < 1_000; n++)
        {
            Send(n, Status.Busy, watchers: 1);
            _log.Acked(n, n * 10);
        }

        Assert.Null(Deliver(10, Status.Away));
    }

    private void Send(ulong request, Status status, int watchers) => _log.Sent(request, status, TimeSpan.FromSeconds(request), watchers);

    private (int Flip, bool IsLast)? Deliver(ulong version, Status status) =>
        _log.TryDeliver(version, status, out TimeSpan intended, out bool isLast) ? ((int)intended.TotalSeconds, isLast) : null;
}
