using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("Presence:Session:HeartbeatIntervall", "Presence:Session:HeartbeatInterval")]
    [InlineData("Presence:HeartbeatInterval", "Presence:Session:HeartbeatInterval")]
    [InlineData("Presence:Listen:TCPP", "Presence:Listen:Tcp")]
    [InlineData("Presence:Limits:StatusChange", "Presence:Limits:StatusChanges")]
    [InlineData("Presence:Shard", "Presence:Shards")]
    [InlineData("Presence:Auth:SigninKeyFile", "Presence:Auth:SigningKeyFile")]
    [InlineData("Presence:Limits:Watches:Max", "Presence:Limits:Watches")]
    public void Unknown_key_names_the_nearest_one(string key, string nearest) =>
        Assert.Equal($"{key}: is not a setting (code). The nearest one is {nearest}.", Load.Development((key, "1")).OnlyError());

    [Theory]
    [InlineData("Presence:Store:Encryption", "Presence:Store:MemoryBudget, Presence:Store:Retention")]
    [InlineData("Presence:Nothing:Of:This:Kind", "Presence:Listen, ")]
    public void Unknown_key_that_is_near_to_none_is_told_what_there_is(string key, string siblings)
    {
        string error = Load.Development((key, "1")).OnlyError();
        Assert.DoesNotContain("nearest", error, StringComparison.Ordinal);
        Assert.Contains(siblings, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_key_without_a_value_is_an_error_too() =>
        Assert.Contains("is not a setting", Load.Development(("Presence:Nothing", "")).OnlyError(), StringComparison.Ordinal);

    [Fact]
    public void Keys_are_found_in_any_case() =>
        Assert.Equal(3, Load.Development(("PRESENCE:shards", "3")).OrThrow().Shards);

    [Fact]
    public void Value_for_a_group_is_an_error() =>
        Assert.Equal(
            "Presence:Session: has a value (code) but is a group of settings; set one of those in it.",
            Load.Development(("Presence:Session", "fast")).OnlyError());

    [Theory]
    [InlineData("Presence:Shards", "two", "a whole number between 0 and 64")]
    [InlineData("Presence:Shards", "65", "a whole number between 0 and 64")]
    [InlineData("Presence:Shards", "-1", "a whole number between 0 and 64")]
    [InlineData("Presence:Shards", "", "a whole number between 0 and 64")]
    [InlineData("Presence:Session:HeartbeatInterval", "30", "a duration as [d.]hh:mm:ss[.fff]")]
    [InlineData("Presence:Session:HeartbeatInterval", "00:00:00", "between 00:00:01 and 01:00:00")]
    [InlineData("Presence:Session:Hold", "00:00:00", "between 00:00:00.1 and 00:10:00")]
    [InlineData("Presence:Session:Hold", "-00:00:10", "between 00:00:00.1 and 00:10:00")]
    [InlineData("Presence:Listen:Tcp", "example.org:7001", "ADDRESS:PORT")]
    [InlineData("Presence:Listen:Tcp", "127.0.0.1:70000", "ADDRESS:PORT")]
    [InlineData("Presence:Listen:Tcp", "7001", "ADDRESS:PORT")]
    [InlineData("Presence:Listen:Tcp", "1:7001", "ADDRESS:PORT")]
    [InlineData("Presence:Listen:Tcp", "::1:7001", "ADDRESS:PORT")]
    [InlineData("Presence:Limits:StatusChanges", "5", "COUNT/TIME")]
    [InlineData("Presence:Limits:StatusChanges", "5/30", "COUNT/TIME")]
    [InlineData("Presence:Limits:StatusChanges", "5/s", "COUNT/TIME")]
    [InlineData("Presence:Limits:StatusChanges", "0/30s", "COUNT/TIME")]
    [InlineData("Presence:Limits:StatusChanges", "5/48h", "COUNT/TIME")]
    [InlineData("Presence:Limits:Watches", "10001", "between 1 and 10000")]
    [InlineData("Presence:Cluster:StreamPort", "65536", "between 0 and 65535")]
    [InlineData("Presence:Store:MemoryBudget", "4 apples", "a size in bytes")]
    [InlineData("Presence:Store:MemoryBudget", "99999999999999999TB", "a size in bytes")]
    public void Wrong_value_says_what_was_expected(string key, string value, string expected)
    {
        string error = Load.Development((key, value)).OnlyError();

        Assert.StartsWith($"{key}: '{value}' (code) is not ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Presence:Cluster:Redis", "password=secret", "names no address; expected host:port")]
    [InlineData("Presence:Cluster:Redis", "redis:6379,nonsense=1", "expected host:port")]
    [InlineData("Presence:Cluster:PeerAddress", "0.0.0.0:7100", "not an address that other nodes can reach")]
    [InlineData("Presence:Cluster:PeerAddress", "node-1:7100", "expected ip:port")]
    [InlineData("Presence:Cluster:PeerCertificateFile", "/nowhere/at/all.pem", "there is no file")]
    [InlineData("Presence:Cluster:StreamPort", "7100", "is the port of Presence:Cluster:PeerAddress too")]
    public void Of_a_cluster_what_is_wrong_is_said(string key, string value, string expected)
    {
        LoadedConfiguration loaded = Load.Development((key, value), ("Presence:Auth:JwksUrl", "https://id.example/keys"));
        string error = Assert.Single(loaded.Errors, found => found.Keys[0] == key).Message;
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_has_to_be_given_its_key() =>
        Assert.StartsWith("Presence:Auth:SigningKeyFile: is empty", Load.Development(("Presence:Cluster:Redis", "redis:6379")).OnlyError(), StringComparison.Ordinal);

    [Fact]
    public void All_errors_come_at_once()
    {
        LoadedConfiguration loaded = Load.Production(
            ("Presence:Shards", "many"),
            ("Presence:Sharts", "2"),
            ("Presence:Session:Tolerance", "00:01:00"),
            ("Presence:Cluster:Redis", "password=x"),
            ("Presence:Listen:Http", ":9090"));

        Assert.Equal(
            [
                "Presence:Auth:SigningKeyFile", "Presence:Cluster:Redis", "Presence:Listen:Admin", "Presence:Session:Tolerance",
                "Presence:Shards", "Presence:Sharts",
            ],
            loaded.Errors.Select(static e => e.Keys[0]).Order(StringComparer.Ordinal));
        ConfigurationException thrown = Assert.Throws<ConfigurationException>(() => loaded.OrThrow());
        Assert.Equal(6, thrown.Errors.Count);
    }

    [Fact]
    public void Value_that_cannot_be_read_is_not_also_wrong_in_relation_to_others() =>
        Assert.StartsWith(
            "Presence:Session:HeartbeatInterval: 'soon'",
            Load.Development(("Presence:Session:HeartbeatInterval", "soon"), ("Presence:Session:Tolerance", "00:01:00")).OnlyError(),
            StringComparison.Ordinal);
}
