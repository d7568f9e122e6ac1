using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Presence.Server.Cluster;
using Presence.TestKit;
using StackExchange.Redis;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>A node's name is one process's: of those who claim it, at whatever moment, one goes on.</summary>
[Collection(ClusterScene.Collection)]
public sealed class NameClaimTests : IAsyncLifetime
{
    private const string Name = "node-1";

    private readonly List<Socket> _lives = [];
    private RedisProcess _redis = null!;
    private ConnectionMultiplexer _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisProcess.StartAsync();
        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.Address.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _lives.ForEach(static socket => socket.Dispose());
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Of_many_that_claim_at_once_and_live_one_gets_the_name()
    {
        NameClaim[] claims = [.. Enumerable.Range(1, 20).Select(process => Of((ulong)process, Live()))];
        bool[] got = await Task.WhenAll(claims.Select(GetsAsync));
        Assert.Single(got, static one => one);
        // It alone can go on.
        Assert.Equal(got, await Task.WhenAll(claims.Select(GetsAsync)));
    }

    [Fact]
    public async Task Who_starts_again_at_its_address_is_let_in_at_once_whoever_answers_there()
    {
        IPEndPoint address = Live();
        ulong before = await Of(1, address).RenewAsync();
        Assert.True(await Of(2, address).RenewAsync() > before);
    }

    [Fact]
    public async Task Who_comes_back_behind_another_stops_if_that_lives_and_is_it_again_if_not()
    {
        IPEndPoint other = LoopbackPorts.Free();
        NameClaim old = Of(1, LoopbackPorts.Free());
        ulong first = await old.RenewAsync();
        ulong second = await Of(2, other).RenewAsync();
        ulong third = await old.RenewAsync();
        Assert.True(first < second && second < third);

        await Of(2, other).RenewAsync();
        Live(other);
        NodeNameException refused = await Assert.ThrowsAsync<NodeNameException>(old.KeepAsync);
        Assert.Contains(other.ToString(), refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NodeNameException>(old.RenewAsync);
    }

    [Fact]
    public async Task Who_took_the_address_while_this_one_had_no_silo_is_the_node_from_then_on()
    {
        IPEndPoint address = Live();
        NameClaim old = Of(1, address);
        await old.RenewAsync();
        await Of(2, address).RenewAsync();
        await Assert.ThrowsAsync<NodeNameException>(old.RenewAsync);
    }

    [Fact]
    public async Task An_address_that_is_another_nodes_by_now_is_no_sign_of_life()
    {
        IPEndPoint address = Live();
        await Of(1, address).RenewAsync();
        await new NameClaim(Registry, "node-2", 2, address, TimeProvider.System).RenewAsync();
        await Of(3, LoopbackPorts.Free()).RenewAsync();
    }

    [Fact]
    public async Task A_Redis_that_is_empty_or_older_takes_nobodys_name()
    {
        await Of(1, Live()).RenewAsync();
        var older = (string)(await Database.HashGetAsync("presence:claims", Name))!;
        await Database.KeyDeleteAsync("presence:claims");
        NameClaim claim = Of(2, Live());
        ulong before = await claim.RenewAsync();

        await Database.HashSetAsync("presence:claims", Name, older);
        await claim.KeepAsync();
        Assert.Equal(2UL, (await Registry.ClaimOfAsync(Name))!.Process);
        await Database.KeyDeleteAsync("presence:claims");
        await claim.KeepAsync();
        Assert.Equal(2UL, (await Registry.ClaimOfAsync(Name))!.Process);
        Assert.True(await claim.RenewAsync() > before);
    }

    [Fact]
    public async Task A_node_whose_name_was_claimed_since_by_one_that_lives_ends_with_3()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(nodes: 1);
        IPEndPoint other = Live();
        long later = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds();
        await scene.Redis.AskAsync($"HSET presence:addresses:at {other} {Name}");
        await scene.Redis.AskAsync(string.Create(CultureInfo.InvariantCulture, $"HSET presence:claims {Name} \"{1:x16} {later} {other}\""));
        Assert.Equal(3, await scene[0].ExitAsync());
        Assert.Contains($"another node of that name lives at {other}", scene[0].Output, StringComparison.Ordinal);
    }

    private IDatabase Database => _connection.GetDatabase();

    private Registry Registry => new(Database);

    private NameClaim Of(ulong process, IPEndPoint address) => new(Registry, Name, process, address, TimeProvider.System);

    private static async Task<bool> GetsAsync(NameClaim claim)
    {
        try
        {
            await claim.RenewAsync();
            return true;
        }
        catch (NodeNameException)
        {
            return false;
        }
    }

    // Somebody listens there.
    private IPEndPoint Live(IPEndPoint? address = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _lives.Add(socket);
        socket.Bind(address ?? new(IPAddress.Loopback, 0));
        socket.Listen();
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
