using System.Text.Json;
using Presence.LoadClient.Attacks;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Scenarios.Hostile;
using Presence.LoadClient.Series;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class HostileTests
{
    // As by default: tests have none.
    private static readonly string[] s_limits =
    [
        "Presence:Limits:FrameRate=1000/10s", "Presence:Limits:ByteRate=2000000/10s", "Presence:Limits:QueryRate=200/10s",
        "Presence:Limits:WatchRate=20000/10s", "Presence:Limits:CongestedFor=00:00:02", "Presence:Session:HandshakeTimeout=00:00:02",
    ];

    [Fact]
    public async Task Attackers_of_every_kind_are_ended_and_nobody_else_notices()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(s_limits);
        RunOutput run = await RunOutput.OfAsync(
            server,
            $"hostile --connections 1000 --watch 10 --flips 100 --share 0.05 --calm 2s --duration 20s --websocket {server.WebSocket}");

        run.AssertRight("hostile");
        Assert.Equal(1_000, run.Number("connections", "up"));
        Assert.Equal(10_000, run.Number("states", "compared"));
        Assert.Equal(53, run.Report.GetProperty("attackers").GetInt32());
        JsonElement[] attacks = [.. run.Report.GetProperty("attacks").EnumerateArray()];
        Assert.Equal(Crowd.Kinds(withWebSocket: true).Count, attacks.Length);
        // They came again and again: what must be ended was. How long it takes to fill the kernel's buffers for who reads nothing, the machine says.
        Assert.All(attacks.Where(MustEndSoon), static attack => Assert.NotEmpty(attack.GetProperty("ended").EnumerateObject()));
        Assert.Equal("handshake_timeout", Ended(attacks, "silence"));
        Assert.Equal("bad_token", Ended(attacks, "forgery"));
        Assert.Equal("malformed", Ended(attacks, "giant_frame"));
        // Who goes on sending may be reset before it has read why.
        Assert.Contains("overloaded", Ended(attacks, "heartbeat_flood"), StringComparison.Ordinal);
        Assert.NotEmpty(Ended(attacks, "websocket_pings"));
    }

    [Fact]
    public async Task A_server_without_limits_is_found_out()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Session:HandshakeTimeout=00:01:00"]);
        RunOutput run = await RunOutput.OfAsync(server, "hostile --connections 320 --watch 10 --flips 10 --calm 1s --duration 6s --patience 4s --attacks silence,heartbeat_flood");

        run.AssertWrong("silence: the server let a connection live for");
        run.AssertWrong("heartbeat_flood: the server let a connection live for");
    }

    [Fact]
    public void Nobody_who_came_as_far_as_to_attack_is_said()
    {
        var none = new AttackFigures("any", 0, MustEnter: false, 0, 0, new Tally().Counts, MustEnd: true, 0, PatienceSeconds: 30);
        Assert.Contains("nobody came as far", Assert.Single(none.FindWrong()), StringComparison.Ordinal);
        Assert.Single((none with { Opened = 3, MustEnter = true }).FindWrong());
        Assert.Empty((none with { Opened = 3, MustEnter = true, Entered = 1, LongestLifeSeconds = 30 }).FindWrong());
        Assert.Single((none with { Opened = 3, LongestLifeSeconds = 31 }).FindWrong());
        Assert.Empty((none with { Opened = 3, LongestLifeSeconds = 31, MustEnd = false }).FindWrong());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Memory_that_grows_is_seen(int perSecond, bool grows)
    {
        const long MiB = 1 << 20;
        MemoryFigures memory = MemoryFigures.Of([.. Enumerable.Range(0, 600).Select(second => Sample(second, MiB * (500 + (second * perSecond))))])!;
        Assert.Equal(grows, memory.Rows().Last().IsMet is false);
        Assert.Null(MemoryFigures.Of([.. Enumerable.Range(0, 100).Select(static second => Sample(second, MiB))]));
        Assert.Null(MemoryFigures.Of([.. Enumerable.Range(0, 600).Select(static second => Sample(second, null))]));
        Assert.Null(MemoryFigures.Of([]));
    }

    private static Sample Sample(int second, long? resident) => new() { Seconds = second, Phase = HostileReport.AttackPhase, ServerRssBytes = resident };

    private static bool MustEndSoon(JsonElement attack) =>
        attack.GetProperty("must_end").GetBoolean() && !attack.GetProperty("name").GetString()!.StartsWith("deaf_", StringComparison.Ordinal);

    private static string Ended(JsonElement[] attacks, string name) => string.Join(
        ' ', attacks.Single(attack => attack.GetProperty("name").GetString() == name).GetProperty("ended").EnumerateObject().Select(static reason => reason.Name));
}
