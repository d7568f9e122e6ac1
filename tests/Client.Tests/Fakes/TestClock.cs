using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Presence.Client.Tests.Fakes;

/// <summary>A clock that only the test moves, and that knows which waits have begun: moved before that, it would not end them.</summary>
internal sealed class TestClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _begun = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _begun.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Returns when something waits for exactly this long.</summary>
    public async Task BegunAsync(TimeSpan wait, CancellationToken cancellation)
    {
        while (await _begun.Reader.ReadAsync(cancellation) != wait)
        {
        }
    }
}
