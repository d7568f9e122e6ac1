using Presence.Server.Cluster;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Calls between nodes: at once as long as there are few, and one in a window when there are many.</summary>
public sealed class CallPaceTests
{
    private const int Windows = 1_000;

    private readonly Clock _clock = new();
    private readonly CallPace.Course _course;

    public CallPaceTests() => _course = new CallPace(_clock).Begin();

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.3)]
    public void A_few_go_at_once_for_ever(double perWindow)
    {
        for (int i = 0; i < Windows * perWindow; i++)
        {
            Assert.Equal(TimeSpan.Zero, _course.Wait());
            _course.Count();
            _clock.Pass(CallPace.Window / perWindow);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(50)]
    public void Of_many_one_goes_in_each_window(double perWindow)
    {
        Assert.InRange(CallsOf(perWindow, Windows), Windows, Windows + (Windows / 10));
    }

    [Fact]
    public void Windows_go_on_until_there_are_fewer_calls_than_windows()
    {
        CallsOf(50, Windows);
        Assert.InRange(CallsOf(1.2, Windows), Windows * 0.9, Windows * 1.1);
        CallsOf(0.2, Windows);
        Assert.InRange(CallsOf(1.2, Windows), Windows * 1.15, Windows * 1.25);
    }

    [Fact]
    public void Whoever_waits_does_so_until_the_next_window_begins()
    {
        CallsOf(50, Windows);
        while (_course.Wait() == TimeSpan.Zero)
        {
            _course.Count();
        }

        _clock.Pass(_course.Wait());
        Assert.Equal(TimeSpan.Zero, _course.Wait());
    }

    // How many go while so many come, each as soon as it may and none behind one that waits.
    private int CallsOf(double perWindow, int windows)
    {
        int calls = 0;
        for (int i = 0; i < windows * perWindow; i++)
        {
            if (_course.Wait() == TimeSpan.Zero)
            {
                _course.Count();
                calls++;
            }

            _clock.Pass(CallPace.Window / perWindow);
        }

        return calls;
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }
}
