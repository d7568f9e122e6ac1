using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

public sealed class DefaultsTests
{
    [Fact]
    public void Nothing_set_starts_in_Development_with_the_published_defaults()
    {
        PresenceConfiguration configuration = Load.Development().OrThrow();

        Assert.Equal("127.0.0.1:7001", configuration.Listen.Tcp.ToString());
        Assert.Equal("off", configuration.Listen.Tls.ToString());
        Assert.Equal("off", configuration.Listen.WebSocket.ToString());
        Assert.Equal(":8080", configuration.Listen.Http.ToString());
        Assert.Equal("127.0.0.1:9090", configuration.Listen.Admin.ToString());
        Assert.Equal(Path.GetFullPath("./data"), configuration.DataDirectory);
        Assert.Equal(TimeSpan.FromSeconds(30), configuration.Session.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromSeconds(5), configuration.Session.Tolerance);
        Assert.Equal(TimeSpan.FromSeconds(15), configuration.Session.Hold);
        Assert.Equal(TimeSpan.Zero, configuration.Session.AwayAfter);
        Assert.Equal(TimeSpan.FromSeconds(40), configuration.Session.SilenceLimit());
        Assert.Equal(TimeSpan.FromDays(7), configuration.Store.Retention);
        Assert.Equal(TimeSpan.FromMinutes(1), configuration.Store.CheckpointInterval);
        Assert.Equal(TimeSpan.FromDays(1), configuration.Journal.Retention);
        Assert.Equal(10_000_000_000, configuration.Journal.MaxBytes.Bytes);
        Assert.Equal(new Rate(5, TimeSpan.FromSeconds(30)), configuration.Limits.StatusChanges);
        Assert.Equal("", configuration.Cluster.Redis);
    }

    [Fact]
    public void Production_listens_on_every_interface_and_needs_a_key()
    {
        LoadedConfiguration loaded = Load.Production();

        Assert.Equal("0.0.0.0:7001", loaded.Value.Listen.Tcp.ToString());
        string error = loaded.OnlyError();
        Assert.StartsWith("Presence:Auth:SigningKeyFile: no key", error, StringComparison.Ordinal);
        Assert.Contains("head -c 32 /dev/urandom | base64", error, StringComparison.Ordinal);
        Assert.Contains("JwksUrl", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_stands_for_what_the_machine_has()
    {
        LoadedConfiguration loaded = Load.Development();

        Assert.Equal(6, loaded.Value.Shards);
        Assert.Equal(4L << 30, loaded.Value.Store.MemoryBudget.Bytes);
        Assert.Equal(20_000 - 384, loaded.Value.Limits.Connections);
        Assert.Equal("node-1", loaded.Value.Cluster.NodeId);
        Assert.Equal(new SettingValue("Presence:Shards", "6", "default: one per core"), loaded.Setting("Presence:Shards"));
        Assert.Equal("default: 20000 open files less 384", loaded.Setting("Presence:Limits:Connections").Source);
    }

    [Fact]
    public void More_cores_than_partitions_make_no_more_shards() =>
        Assert.Equal(64, ConfigurationLoader.Load(
            new Microsoft.Extensions.Configuration.ConfigurationManager(), true, Load.Machine with { Cores = 128 }).Value.Shards);

    [Fact]
    public void This_machine_is_known()
    {
        Machine machine = Machine.Current();

        Assert.True(machine.Cores > 0);
        Assert.True(machine.MemoryBytes > 1 << 20);
        Assert.True(machine.Descriptors > 64);
        Assert.NotEmpty(machine.HostName);
    }
}
