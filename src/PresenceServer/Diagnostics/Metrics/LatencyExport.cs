namespace Presence.Server.Diagnostics.Metrics;

/// <summary>Pours all latencies over once a second.</summary>
internal sealed class LatencyExport(NodeInstruments instruments, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (LatencyFeed feed in instruments.Feeds)
                {
                    feed.Pour();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }
}
