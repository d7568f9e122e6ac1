using System.Diagnostics;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>SIGKILL while the server starts, again and again, at any moment between its first instruction and its being ready.</summary>
public sealed class KillDuringStartTests : IDisposable
{
    private const int Users = 200;
    private const int Seed = 5;

    // d + 4δ must outlast the questions, which ask for what is shown while it recovers.
    private static readonly string[] s_settings = ["Presence:Shards=2", "Presence:Limits:StatusChanges=0"];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public Task What_was_acknowledged_outlives_twenty_kills_of_a_starting_server() => RunAsync(kills: 20);

    /// <summary>Run by <c>tests/faults.sh</c>: some minutes.</summary>
    [Fact(Explicit = true)]
    public Task What_was_acknowledged_outlives_two_hundred_kills_of_a_starting_server() => RunAsync(kills: 200);

    private async Task RunAsync(int kills)
    {
        Dictionary<ulong, ulong> versions = await AcknowledgeAsync();
        long start = Stopwatch.GetTimestamp();
        await AssertKnownAsync(versions);
        TimeSpan whole = Stopwatch.GetElapsedTime(start);
        var random = new Random(Seed);
        for (int kill = 0; kill < kills; kill++)
        {
            await using ServerProcess server = await ServerProcess.BeginAsync(s_settings, _data.Path);
            await Task.Delay(whole * random.NextDouble());
            await server.KillAsync();
        }

        await AssertKnownAsync(versions);
    }

    // Half of them in a checkpoint, half in the journal behind it.
    private async Task<Dictionary<ulong, ulong>> AcknowledgeAsync()
    {
        Dictionary<ulong, ulong> versions = [];
        for (ulong half = 0; half < 2; half++)
        {
            await using ServerProcess server = await ServerProcess.StartAsync(s_settings, _data.Path);
            for (ulong user = (half * Users / 2) + 1; user <= (half + 1) * Users / 2; user++)
            {
                await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
                await client.HelloAsync(TestTokens.For(server, user));
                versions[user] = (await client.SetStatusAsync(1, Status.Busy)).Version;
            }

            await (half == 0 ? server.StopAsync() : server.KillAsync());
        }

        return versions;
    }

    private async Task AssertKnownAsync(Dictionary<ulong, ulong> versions)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_settings, _data.Path);
        await server.HasAsync("recovery", "ok");
        await using RawClient asker = await RawClient.ConnectAsync(server.Tcp);
        await asker.HelloAsync(TestTokens.For(server, 900), change: Scene.Observe);
        PresenceBatch known = await asker.QueryAsync(1, [.. versions.Keys]);
        Assert.Equal(Users, known.Entries.Count);
        Assert.All(known.Entries, entry => Assert.Equal((Status.Busy, versions[entry.UserId]), (entry.Status, entry.Version)));
        await server.KillAsync();
    }
}
