using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Storage;
using Presence.TestKit;

namespace Presence.Server.Tests.Hosting;

/// <summary>A whole node in the process of the test, over a disk of the test's; on free ports of the loopback.</summary>
internal sealed class NodeInProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataDirectory _directory;
    private bool _isStopped;

    private NodeInProcess(WebApplication app, DataDirectory directory) => (_app, _directory) = (app, directory);

    public IPEndPoint Tcp => _app.Services.GetRequiredService<ListenerAddresses>().Tcp!;

    public IPEndPoint Http => _app.Services.GetRequiredService<ListenerAddresses>().Http!;

    public IPEndPoint Admin => _app.Services.GetRequiredService<ListenerAddresses>().Admin!;

    public LastActiveStore Store => _app.Services.GetRequiredService<LastActiveStore>();

    public ShardSet Shards => _app.Services.GetRequiredService<ShardSet>();

    public static async Task<NodeInProcess> StartAsync(string path, ICheckpointDisk disk, Action<IServiceCollection>? with = null, params string[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Development,
            Args = [.. ServerProcess.Defaults(path).Concat(settings).Select(setting => "--" + setting)],
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(disk);
        with?.Invoke(builder.Services);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        PresenceConfiguration configuration = ConfigurationLoader.Load(builder.Configuration, development: true, Machine.Current()).OrThrow();
        DataDirectory directory = DataDirectory.Open(path);
        WebApplication app = builder.Compose(configuration, directory);
        await app.StartAsync();
        return new NodeInProcess(app, directory);
    }

    public Task StopAsync()
    {
        _isStopped = true;
        return _app.StopAsync();
    }

    public string TokenFor(ulong user) => TestTokens.For(_directory.Root, user);

    public async Task<RawClient> ConnectAsync(ulong user, bool observes = false)
    {
        RawClient client = await RawClient.ConnectAsync(Tcp);
        await client.HelloAsync(TokenFor(user), change: hello => hello.InitialStatus = observes ? V1.Status.Offline : V1.Status.Online);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await StopAsync();
        }

        await _app.DisposeAsync();
        _directory.Dispose();
    }

    // Signals are the test's process's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
