using Microsoft.Extensions.Time.Testing;
using Presence.Server.Cluster;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>A node whose clock is ahead is no member: its versions would take all others with it.</summary>
[Collection(ClusterScene.Collection)]
public sealed class ClockRuleTests
{
    private const int Nodes = 3;
    private const string Ahead = "ahead of Redis's";

    [Fact]
    public async Task A_clock_may_be_behind_and_a_little_ahead()
    {
        await using RedisProcess redis = await RedisProcess.StartAsync();
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(redis.Address.ToString());
        var registry = new Registry(connection.GetDatabase());
        // By less than the rule allows, so that the test may be slow; it stands still.
        await ClockRule.CheckAsync(registry, new FakeTimeProvider(DateTimeOffset.UtcNow - TimeSpan.FromDays(1)));
        await ClockRule.CheckAsync(registry, new FakeTimeProvider(DateTimeOffset.UtcNow + (ClockRule.MostAhead / 2)));
        ClockAheadException refused = await Assert.ThrowsAsync<ClockAheadException>(
            () => ClockRule.CheckAsync(registry, new FakeTimeProvider(DateTimeOffset.UtcNow + TimeSpan.FromDays(1))));
        Assert.Contains(Ahead, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_ahead_does_not_start_and_one_that_is_set_ahead_does_not_join_again_until_it_is_right()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes - 1);
        await using var late = new LateRedis(scene.Redis.Address);
        string name = ClusterScene.Name(Nodes), through = $"Presence:Cluster:Redis={late.Address}";
        late.Set(behind: 60);
        string folder = Directory.CreateTempSubdirectory("presence-").FullName;
        (int code, string output) = await ServerProcess.RunToEndAsync([.. ServerProcess.Defaults(folder), .. scene.SettingsOf(name, LoopbackPorts.Free()), through]);
        Directory.Delete(folder, recursive: true);
        Assert.Equal(2, code);
        Assert.Contains(Ahead, output, StringComparison.Ordinal);

        late.Set(behind: 0);
        ServerProcess node = await scene.StartNodeAsync(name, [through]);
        scene.Nodes.Add(node);
        await ClusterScene.HasMembersAsync(scene[0], Nodes);

        // While it stands still it is declared dead, and its clock is set.
        node.Pause();
        await ClusterScene.HasMembersAsync(scene[0], Nodes - 1);
        late.Set(behind: 60);
        node.Continue();
        await Scene.UntilAsync(() => Task.FromResult(node.Output.Contains(Ahead, StringComparison.Ordinal)));
        await ClusterScene.HasMembersAsync(scene[0], Nodes - 1);

        late.Set(behind: 0);
        await ClusterScene.HasMembersAsync(node, Nodes);
        await ClusterScene.HasMembersAsync(scene[0], Nodes);
    }
}
