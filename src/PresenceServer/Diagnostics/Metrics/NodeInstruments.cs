using Presence.Server.Admin;
using Presence.Server.Cluster;
using Presence.Server.Hosting;
using Presence.Server.Http;
using Presence.Server.Security;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.Server.Storage.Shared;
using Presence.Server.Transport.Admission;
using Presence.Server.Transport.Links;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>Puts the instruments on the meter: reads like their table of contents. docs/metrics.md has a line for each.</summary>
internal sealed class NodeInstruments
{
    public NodeInstruments(
        NodeMeter meter,
        NodeCounters counters,
        NodeHealth health,
        OverloadMonitor overload,
        ShardSet shards,
        TokenValidator tokens,
        ResumeTokens resumeTokens,
        Admissions admissions,
        Gateways gateways,
        ChangesEndpoint changes,
        LastActiveStore store,
        DiskJournal journal,
        FreeSpace free,
        SharedCounts shared,
        PeerCounters peers,
        TimeProvider time)
    {
        HealthInstruments.Add(meter, health, overload);
        ClientInstruments.Add(meter, shards, counters, tokens, resumeTokens);
        ClientInstruments.Add(meter, shards, admissions);
        ClientInstruments.Add(meter, gateways, changes);
        SharedInstruments.Add(meter, shared);
        PeerInstruments.Add(meter, peers);
        Feeds =
        [
            .. ShardInstruments.Add(meter, shards),
            .. ChangeInstruments.Add(meter, shards),
            .. StorageInstruments.Add(meter, store, journal, free, time),
        ];
    }

    /// <summary>What must be carried over to the histograms.</summary>
    public IReadOnlyList<LatencyFeed> Feeds { get; }
}
