using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Subjects;
using Presence.V1;

namespace Presence.Scenarios.Rows;

/// <summary>A user who flips and those who watch it, at one subject.</summary>
internal sealed class FanoutLoad : IDisposable
{
    /// <summary>Between flips: the server is idle when the next comes.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(2);

    private const ulong Flipper = 1;

    private readonly Subject _subject;
    private readonly Fleet _fleet;
    private readonly int _watchers;
    private readonly Latencies _latencies = new();
    private long _flips;

    public FanoutLoad(Subject subject, int watchers)
    {
        _subject = subject;
        _watchers = watchers;
        _fleet = new Fleet(subject, subject.Tokens);
        Cost = new CpuCost(subject.Meter);
        _fleet.BringUp(1, static _ => []);
        _fleet.BringUp(watchers, static _ => [Flipper]);
    }

    /// <summary>From send to the last watcher, of flips at an idle server; in milliseconds.</summary>
    public LatencySummary Latency => _latencies.Summarize();

    /// <summary>Of deliveries of flips at once.</summary>
    public CpuCost Cost { get; }

    public void FlipIdle(int count, bool counts)
    {
        for (int i = 0; i < count; i++)
        {
            Wait(Idle);
            TimeSpan latency = Flip();
            if (counts)
            {
                _latencies.Add(latency);
            }
        }

        WaitForAcks();
    }

    public void FlipAtOnce(int count, bool counts) => Cost.Add(counts, () =>
    {
        for (int i = 0; i < count; i++)
        {
            Flip();
        }

        WaitForAcks();
        return (long)count * _watchers;
    });

    public void Dispose()
    {
        _fleet.Dispose();
        _subject.Dispose();
    }

    // Until all watchers have it. The ack of ours waits for the disk and the limit's does not: to wait for it here would pace the two differently.
    private TimeSpan Flip()
    {
        long updates = _fleet.Updates + _watchers;
        _flips++;
        TimeSpan sent = _fleet.Loop.Now;
        _fleet.Clients[0].Send(Frames.SetStatus((ulong)_flips, _flips % 2 == 0 ? Status.Away : Status.Busy));
        _fleet.Until(() => _fleet.Updates >= updates);
        return _fleet.Loop.Now - sent;
    }

    private void WaitForAcks() => _fleet.Until(() => _fleet.Acks >= _flips);

    private void Wait(TimeSpan time)
    {
        TimeSpan end = _fleet.Loop.Now + time;
        _fleet.Loop.Schedule(new Wake(), end);
        _fleet.Until(() => _fleet.Loop.Now >= end);
    }

    /// <summary>Only ends the loop's wait.</summary>
    private sealed class Wake : IDeadline
    {
        public TimeSpan? OnDue(TimeSpan now) => null;
    }
}
