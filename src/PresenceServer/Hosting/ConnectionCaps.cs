using System.Net;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Transport;

namespace Presence.Server.Hosting;

/// <summary>The two counts of connections. Made when the first listener is bound: what the process needs for itself is open then.</summary>
internal sealed class ConnectionCaps
{
    // Out of the descriptors held in reserve: operators get in when clients have filled their share.
    private const int AdminConnections = 32;

    // For what the process opens later: assemblies on their first use, files of checkpoints, threads while they start, a connection that is refused.
    private const int LaterDescriptors = 64;

    private const string OwnDescriptors = "/proc/self/fd";

    private readonly ConnectionCap _operators;

    public ConnectionCaps(PresenceConfiguration configuration, Lingering lingering, NodeCounters counters, TimeProvider time, ILogger<ConnectionCap> logger)
    {
        int configured = configuration.Limits.Connections;
        int limit = Math.Min(configured, Room(Machine.Current().Descriptors));
        if (limit < configured)
        {
            logger.FewerConnections(configured, limit);
        }

        Clients = new ConnectionCap(limit, new AddressCounts(configuration.Limits.AddressConnections, limit), counters.Limits, new Seldom(time), logger)
        {
            Handshakes = lingering.Handshakes,
            Closing = lingering.Closing,
        };
        _operators = new ConnectionCap(AdminConnections, new AddressCounts(AdminConnections, AdminConnections), counters.Limits, new Seldom(time), logger);
    }

    /// <summary>Of all listeners for clients.</summary>
    public ConnectionCap Clients { get; }

    public ConnectionCap Of(EndPoint endpoint) => endpoint is AdminEndPoint ? _operators : Clients;

    // What clients can have without anybody ever finding none left.
    private static int Room(long descriptors)
    {
        int own = Directory.Exists(OwnDescriptors) ? Directory.GetFileSystemEntries(OwnDescriptors).Length : 0;
        long needed = own + AdminConnections + LaterDescriptors;
        return needed < descriptors
            ? (int)Math.Min(descriptors - needed, int.MaxValue)
            : throw new ConfigurationException(
                PresenceConfiguration.Section, $"{descriptors} open files are not enough: the server needs {needed} for itself, and one for each client. Raise 'ulimit -n' (LimitNOFILE in systemd).");
    }
}
