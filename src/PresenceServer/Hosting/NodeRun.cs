using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Storage;

namespace Presence.Server.Hosting;

/// <summary>A node from its first thread to its last.</summary>
internal static class NodeRun
{
    /// <summary>Finds out which cluster the node is to be a member of, before anything of it is made.</summary>
    /// <returns>Null: it is alone.</returns>
    /// <exception cref="OperationCanceledException">It is to stop.</exception>
    public static async Task<Joining?> JoinAsync(this WebApplicationBuilder builder, PresenceConfiguration configuration, StopSignals signals)
    {
        if (!configuration.Cluster.IsMember())
        {
            return null;
        }

        // The host and its log are yet to come.
        using var log = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        return await Joining.PrepareAsync(configuration, TimeProvider.System, log, signals.AskedToken);
    }

    /// <returns>The exit code, once it has stopped cleanly.</returns>
    /// <exception cref="Exception">It could not start, or a part of it that works in the background has failed.</exception>
    public static async Task<int> RunNodeAsync(
        this WebApplicationBuilder builder, PresenceConfiguration configuration, DataDirectory directory, Joining? joining, StopSignals signals)
    {
        var log = new FrameworkLog();
        log.Limit(builder.Logging);
        builder.Services.AddSingleton(signals).AddSingleton<IHostLifetime>(signals);
        WebApplication app = builder.Compose(configuration, directory, joining);
        signals.Stop(app.Lifetime, app.Services.GetRequiredService<Drain>());
        app.Lifetime.ApplicationStarted.Register(log.Started);
        BackgroundService[] inBackground = [.. app.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
        await app.RunAsync();

        // The host stops when one of them fails, and says nothing of it to who runs it.
        await Task.WhenAll(inBackground.Select(static service => service.ExecuteTask!).Where(static task => task.IsFaulted));
        return ExitCodes.Clean;
    }
}
