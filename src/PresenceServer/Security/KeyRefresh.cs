namespace Presence.Server.Security;

/// <summary>Keeps the key ring fresh as long as the host runs.</summary>
internal sealed class KeyRefresh(KeyRing keys) : BackgroundService
{
    /// <summary>
    /// Waits for the first reading, for as long as the source waits at most: clients that come before there are keys would all be refused.
    /// A source that is down delays the start by that, and does not prevent it.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await keys.RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => keys.RunAsync(stoppingToken);
}
