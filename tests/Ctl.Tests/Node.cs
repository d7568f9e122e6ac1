using Presence.Ctl.Tests;
using Presence.TestKit;

[assembly: AssemblyFixture(typeof(Node))]

namespace Presence.Ctl.Tests;

/// <summary>One server for all tests; each test has users of its own.</summary>
public sealed class Node : IAsyncLifetime
{
    public ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(["Presence:Shards=2"]);

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    /// <summary>Runs presencectl against the server, with the key in its data directory.</summary>
    public Task<CtlResult> RunAsync(params string[] arguments) => CtlProcess.RunAsync([.. arguments, .. Options()]);

    public CtlProcess Start(params string[] arguments) => CtlProcess.Start([.. arguments, .. Options()]);

    /// <summary>A device of a user, live.</summary>
    public async Task<RawClient> ConnectAsync(ulong userId, string device = "phone")
    {
        RawClient client = await RawClient.ConnectAsync(Server.Tcp);
        await client.HelloAsync(TestTokens.For(Server, userId), device);
        return client;
    }

    private string[] Options() => ["--admin", Server.Admin.ToString(), "--data-directory", Server.DataDirectory];
}
