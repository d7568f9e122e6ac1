using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Sessions">Users that come up over gateway links, one session each.</param>
/// <param name="Links">Gateways, each with one link.</param>
/// <param name="RampRate">Sessions that come up a second, over all links.</param>
/// <param name="Changes">Changes a second while holding.</param>
/// <param name="Reads">User ids asked about a second while holding.</param>
/// <param name="IdsPerQuery">How many of them in one query, at least and at most.</param>
/// <param name="Watchers">Direct sessions that watch.</param>
/// <param name="Watches">Users that each of them watches.</param>
/// <param name="Sample">Users whose state is verified at the end, drawn from all.</param>
/// <param name="RestartLink">Two links are lost while holding: one resumes, the gateway of the other is started anew.</param>
internal sealed record RampOptions(
    long Sessions,
    int Links,
    double RampRate,
    double Changes,
    double Reads,
    (int Least, int Most) IdsPerQuery,
    int Watchers,
    int Watches,
    long Sample,
    bool RestartLink) : IScenarioOptions
{
    public long Users => Sessions + Watchers;

    public string? Fault() =>
        OptionFaults.OutOf("--sessions", Sessions, 1, OptionFaults.MostSessions)
        ?? OptionFaults.OutOf("--links", Links, 1, Math.Min(OptionFaults.MostLinks, Sessions))
        ?? OptionFaults.OutOf("--ramp-rate", RampRate, 1, 100.0 * OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--changes", Changes, 0, OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--reads", Reads, 0, OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("the smaller end of --ids-per-query", IdsPerQuery.Least, 1, IdsPerQuery.Most)
        ?? OptionFaults.OutOf(
            "the larger end of --ids-per-query", IdsPerQuery.Most, 1, Math.Min(Sessions, ProtocolLimits.MaxIdsPerRequest))
        ?? OptionFaults.OutOf("--watchers", Watchers, 0, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watches", Watches, 0, Math.Min(Sessions, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--sample", Sample, 0, OptionFaults.MostSessions);
}
