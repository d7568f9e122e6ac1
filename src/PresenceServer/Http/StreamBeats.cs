using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Transport;

namespace Presence.Server.Http;

/// <summary>Says to every open stream when its next comment is due.</summary>
internal sealed class StreamBeats : BackgroundService
{
    /// <summary>Proxies close what is silent for 30 to 60 s.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _sweepEvery = TimeSpan.FromMilliseconds(100);

    private readonly DeadlineQueue _queue;
    private readonly TimeProvider _time;

    public StreamBeats(PresenceConfiguration configuration, NodeClock clock, TimeProvider time, ILogger<StreamBeats> logger)
    {
        // What is known of a peer is up to two beats old, three after the process stood still: d/4 keeps that below d.
        TimeSpan quarter = configuration.Session.HeartbeatInterval / 4;
        Interval = quarter < _longest ? quarter : _longest;
        HoldMs = (long)configuration.Session.Hold.TotalMilliseconds;
        _time = time;
        _queue = new DeadlineQueue(clock, Interval, stream => Beat((EventStreamConnection)stream), logger);
    }

    /// <summary>From one comment to the next.</summary>
    public TimeSpan Interval { get; }

    /// <summary>h.</summary>
    public long HoldMs { get; }

    /// <summary>From now on, until it has ended.</summary>
    public void Add(EventStreamConnection stream) => stream.NextBeat = _queue.Add(stream);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_sweepEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                _queue.Sweep();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private void Beat(EventStreamConnection stream)
    {
        if (stream.IsOpen)
        {
            stream.Beat();
            Add(stream);
        }
    }
}
