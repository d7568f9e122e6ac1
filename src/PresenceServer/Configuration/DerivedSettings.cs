using System.Globalization;
using System.Net;

namespace Presence.Server.Configuration;

/// <summary>
/// Replaces the values that mean "work it out" by what they come to on this machine, so that whoever reads the configuration
/// afterwards finds numbers, and the operator sees them with their reason.
/// </summary>
internal sealed class DerivedSettings(Machine machine, List<SettingValue> settings)
{
    private const int MostConnections = 1_000_000;

    public PresenceConfiguration Apply(PresenceConfiguration read) => read with
    {
        DataDirectory = read.DataDirectory.Length == 0 ? "" : Show("DataDirectory", Path.GetFullPath(read.DataDirectory)),
        Shards = read.Shards != 0 ? read.Shards
            : Show("Shards", Math.Clamp(machine.Cores, 1, PresenceConfiguration.Partitions), "one per core"),
        Store = read.Store.MemoryBudget.Bytes != 0 ? read.Store
            : read.Store with { MemoryBudget = Show("Store:MemoryBudget", QuarterOfMemory(), "a quarter of the memory") },
        Limits = Derive(read.Limits),
        Cluster = Derive(read.Cluster),
    };

    private ClusterConfiguration Derive(ClusterConfiguration cluster)
    {
        cluster = cluster.NodeId.Length != 0 ? cluster
            : cluster with { NodeId = Show("Cluster:NodeId", machine.HostName, "the host name") };
        return cluster.PeerAddress.Length != 0 || !cluster.IsMember() ? cluster
            : cluster with { PeerAddress = Show("Cluster:PeerAddress", new IPEndPoint(machine.Address, ClusterConfiguration.DefaultPeerPort).ToString(), "the first address that is no loopback") };
    }

    private LimitsConfiguration Derive(LimitsConfiguration limits)
    {
        limits = limits.Connections != 0 ? limits
            : limits with { Connections = Show("Limits:Connections", Connections(limits), ConnectionsReason(limits)) };
        limits = limits.AddressConnections != 0 ? limits
            : limits with { AddressConnections = Show("Limits:AddressConnections", limits.Connections, "all of them") };
        return limits.Handshaking != 0 ? limits
            : limits with { Handshaking = Show("Limits:Handshaking", limits.Connections, "all of them") };
    }

    private ByteSize QuarterOfMemory() => new(machine.MemoryBytes / 4);

    private int Connections(LimitsConfiguration limits) =>
        (int)Math.Clamp(machine.Descriptors - limits.DescriptorReserve, 1, MostConnections);

    private string ConnectionsReason(LimitsConfiguration limits) => machine.Descriptors >= MostConnections
        ? "the most that is derived"
        : string.Create(CultureInfo.InvariantCulture, $"{machine.Descriptors} open files less {limits.DescriptorReserve}");

    private T Show<T>(string name, T value, string? reason = null)
        where T : notnull
    {
        string key = ConfigurationPath.Combine(PresenceConfiguration.Section, name);
        int index = settings.FindIndex(s => s.Key == key);
        string source = settings[index].Source + (reason is null ? "" : $": {reason}");
        settings[index] = new SettingValue(key, SettingText.Format(value), source);
        return value;
    }
}
