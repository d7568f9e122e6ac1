using Presence.TestKit;

namespace Presence.LoadClient.Tests.Faults;

/// <summary>A server whose processes are killed and started again, one after another, at one address and over one data directory.</summary>
internal sealed class RestartedServer : IAsyncDisposable
{
    private readonly List<ServerProcess> _processes;

    private RestartedServer(ServerProcess first) => _processes = [first];

    public ServerProcess Current => _processes[^1];

    public static async Task<RestartedServer> StartAsync(IEnumerable<string> settings, string? dataDirectory = null) =>
        new(await ServerProcess.StartAsync([.. settings, $"Presence:Listen:Tcp={LoopbackPorts.Free()}"], dataDirectory));

    /// <summary>SIGKILL, then the same server once more.</summary>
    public async Task KillAndStartAsync()
    {
        await Current.KillAsync();
        _processes.Add(await Current.AgainAsync());
    }

    public async ValueTask DisposeAsync()
    {
        // The first owns the data directory.
        foreach (ServerProcess process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }
    }
}
