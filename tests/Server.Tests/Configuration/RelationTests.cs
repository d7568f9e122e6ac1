using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

public sealed class RelationTests
{
    [Fact]
    public void Tolerance_is_less_than_the_interval() =>
        Assert.Equal(
            "Presence:Session:Tolerance: 00:00:10 must be less than Presence:Session:HeartbeatInterval, which is 00:00:10.",
            Load.Development(("Presence:Session:HeartbeatInterval", "00:00:10"), ("Presence:Session:Tolerance", "00:00:10")).OnlyError());

    [Fact]
    public void Short_interval_alone_keeps_the_default_tolerance()
    {
        PresenceConfiguration configuration = Load.Development(("Presence:Session:HeartbeatInterval", "00:00:02")).OrThrow();

        Assert.Equal(TimeSpan.FromSeconds(12), configuration.Session.SilenceLimit());
    }

    [Fact]
    public void Away_is_not_sooner_than_activity_is_reported() =>
        Assert.Contains("reported with heartbeats", Load.Development(("Presence:Session:AwayAfter", "00:00:29")).OnlyError(), StringComparison.Ordinal);

    [Fact]
    public void Hello_and_watch_fit_into_a_frame_and_a_token_into_Hello()
    {
        Assert.Equal(
            ["Presence:Limits:HandshakeBytes", "Presence:Limits:WatchIds"],
            Load.Development(("Presence:Limits:MaxFrameBytes", "8192")).Errors.Select(static e => e.Keys[0]));
        Assert.Equal(
            ["Presence:Limits:QueryIds"],
            Load.Development(
                ("Presence:Limits:MaxFrameBytes", "8063"), ("Presence:Limits:HandshakeBytes", "8063"), ("Presence:Limits:TokenBytes", "4096"), ("Presence:Limits:WatchIds", "100"))
                .Errors.Select(static e => e.Keys[0]));
        Assert.Equal(
            ["Presence:Limits:TokenBytes"],
            Load.Development(("Presence:Limits:HandshakeBytes", "8192")).Errors.Select(static e => e.Keys[0]));
        Assert.Equal(
            ["Presence:Limits:ByteRate"],
            Load.Development(("Presence:Limits:ByteRate", "65535/10s")).Errors.Select(static e => e.Keys[0]));
        Assert.Equal(
            ["Presence:Limits:WatchRate"],
            Load.Development(("Presence:Limits:WatchRate", "999/10s")).Errors.Select(static e => e.Keys[0]));
    }

    [Theory]
    [InlineData("4/30s", true)]
    [InlineData("1/1h", false)]
    [InlineData("0", true)]
    public void A_client_that_keeps_to_its_interval_is_within_the_rate_of_frames(string rate, bool isRight) =>
        Assert.Equal(isRight, Load.Development(("Presence:Limits:FrameRate", rate)).Errors.Count == 0);

    [Fact]
    public void Connections_stay_below_the_open_files()
    {
        Assert.Empty(Load.Development(("Presence:Limits:Connections", "19616")).Errors);
        Assert.Contains("ulimit -n", Load.Development(("Presence:Limits:Connections", "19617")).OnlyError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:8080", false)]
    [InlineData("127.0.0.2:9090", true)]
    [InlineData("127.0.0.1:9090", false)]
    [InlineData("0.0.0.0:9090", false)]
    [InlineData(":0", true)]
    public void Listeners_do_not_share_a_port(string tcp, bool right)
    {
        LoadedConfiguration loaded = Load.Development(("Presence:Listen:Tcp", tcp));

        Assert.Equal(right, loaded.Errors.Count == 0);
        Assert.All(loaded.Errors, static e => Assert.Contains("want the same port", e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Some_listener_is_for_clients() =>
        Assert.Contains(
            "no client could connect",
            Load.Development(("Presence:Listen:Tcp", "off"), ("Presence:Listen:Http", "off")).OnlyError(),
            StringComparison.Ordinal);

    [Fact]
    public void Tls_in_Production_needs_a_certificate_that_exists()
    {
        using var directory = new TemporaryDirectory();
        string key = directory.Write("key", new string('A', 43));

        Assert.Empty(Load.Development(("Presence:Listen:Tls", ":7002")).Errors);
        Assert.Contains("needs a certificate", Production("Presence:Listen:Certificate:Path", "").OnlyError(), StringComparison.Ordinal);
        Assert.Contains("there is no file", Production("Presence:Listen:Certificate:Path", directory["no.pfx"]).OnlyError(), StringComparison.Ordinal);
        Assert.Empty(Production("Presence:Listen:Certificate:Path", directory.Write("some.pfx", "")).Errors);

        LoadedConfiguration Production(string name, string value) =>
            Load.Production(("Presence:Auth:SigningKeyFile", key), ("Presence:Listen:Tls", ":7002"), (name, value));
    }

    [Fact]
    public void Private_key_without_a_certificate_is_an_error()
    {
        using var directory = new TemporaryDirectory();

        Assert.Contains(
            "without Presence:Listen:Certificate:Path",
            Load.Development(("Presence:Listen:Certificate:KeyPath", directory.Write("key.pem", ""))).OnlyError(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_directory_is_a_directory()
    {
        using var directory = new TemporaryDirectory();

        Assert.Contains("is a file", Load.Development(("Presence:DataDirectory", directory.Write("data", ""))).OnlyError(), StringComparison.Ordinal);
        Assert.Contains("is empty", Load.Development(("Presence:DataDirectory", "")).OnlyError(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://app.example", "")]
    [InlineData("https://app.example:8443,capacitor://localhost,*", "")]
    [InlineData("null", "in a sandbox")]
    [InlineData("app.example", "not an origin")]
    [InlineData("https://app.example/", "write https://app.example.")]
    [InlineData("https://APP.example:443", "write https://app.example.")]
    [InlineData("https://*.example", "stands for any")]
    public void An_origin_is_spelt_as_browsers_send_it(string origins, string said) =>
        Assert.Equal(said.Length == 0 ? [] : [true], Load.Development(("Presence:Http:AllowedOrigins", origins)).Errors.Select(error => error.Message.Contains(said, StringComparison.Ordinal)));

    [Theory]
    [InlineData("127.0.0.1:9090", true)]
    [InlineData("[::1]:9090", true)]
    [InlineData("off", true)]
    [InlineData(":9090", false)]
    [InlineData("0.0.0.0:9090", false)]
    [InlineData("10.1.2.3:9090", false)]
    public void The_admin_listener_is_on_loopback_or_wants_certificates_of_both_sides(string admin, bool alone)
    {
        string file = typeof(RelationTests).Assembly.Location;
        Assert.Equal(alone ? 0 : 1, Load.Development(("Presence:Listen:Admin", admin)).Errors.Count);
        Assert.Empty(Load.Development(("Presence:Listen:Admin", admin), ("Presence:Admin:Certificate:Path", file), ("Presence:Admin:ClientAuthorities", file)).Errors);
        foreach (string half in new[] { "Presence:Admin:Certificate:Path", "Presence:Admin:ClientAuthorities" })
        {
            Assert.Single(Load.Development(("Presence:Listen:Admin", admin), (half, file)).Errors);
        }
    }
}
