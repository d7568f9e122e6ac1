using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Transport;

/// <summary>Ends connections that linger: those that never say Hello, and those that stay after their GoAway.</summary>
internal sealed class Lingering : BackgroundService
{
    /// <summary>Design §4: the server closes so long after GoAway.</summary>
    private static readonly TimeSpan LeaveWithin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// So few at once, with a moment for others in between: whoever is cut takes system calls on both ends of it, and thousands who came together would take the cores for as long as it takes.
    /// </summary>
    private const int AtOnce = 16;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;

    public Lingering(PresenceConfiguration configuration, NodeCounters counters, NodeClock clock, TimeProvider time, ILogger<Lingering> logger)
    {
        _time = time;
        Handshakes = new DeadlineQueue(clock, configuration.Session.HandshakeTimeout, static connection => connection.HandshakeIsOver(), logger)
        {
            Most = configuration.Limits.Handshaking,
            TooMany = () => counters.Limits.Hit(LimitHits.Handshaking),
        };
        Closing = new DeadlineQueue(clock, LeaveWithin, static connection => connection.Abort(), logger);
    }

    public DeadlineQueue Handshakes { get; }

    public DeadlineQueue Closing { get; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host stops its services in reverse order: the listeners first, whose connections need this until they are gone.
        using var timer = new PeriodicTimer(SweepEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                while (!Handshakes.Sweep(AtOnce) | !Closing.Sweep(AtOnce))
                {
                    await Task.Delay(Moment, _time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }
}
