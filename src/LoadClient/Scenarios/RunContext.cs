using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Links;
using Presence.LoadClient.Machine;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Scenarios;

/// <summary>
/// What every scenario works with: the loop that all of its generators share, what was asked for, and where it tells how it goes. All of it
/// belongs to the thread that runs the scenario.
/// </summary>
internal sealed class RunContext(
    EventLoop loop, RunTarget target, ServerUsage server, RunInfo info, ProgressFeed progress, CancellationToken cancellation)
{
    private readonly RunSeries _series = new();
    private SeriesSampler? _sampler;
    private LinkSet? _links;

    public EventLoop Loop => loop;

    public RunTarget Target => target;

    /// <summary>Drawn from the seed.</summary>
    public Random Random { get; } = new(target.Seed);

    public RunInfo Info => info;

    /// <summary>What all fleets of the run are made with.</summary>
    public FleetPlan FleetPlan => new(loop, target.Servers, target.Tokens, Random);

    /// <summary>What this scenario calls its latency.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>What the server uses now; null: it is not on this machine.</summary>
    public Usage? ReadServer() => server.Read();

    /// <summary>What the server says of its own process; null: it is not asked.</summary>
    public NodeUsage? Node => server.Node;

    public IReadOnlyList<Sample> Series => _series.Samples;

    /// <summary>Begins the series.</summary>
    /// <param name="totals">All generators of the run taken together.</param>
    public void Observe(Func<RunTotals> totals)
    {
        _sampler = new SeriesSampler(_series, totals, Latencies, server, Publish);
        _sampler.Begin(loop.Now);
        loop.Schedule(_sampler, loop.Now + _series.Period);
    }

    /// <summary>From here on the run is at something else.</summary>
    /// <param name="phase">A word for it; the plots are divided by it.</param>
    public void Enter(string phase)
    {
        Sample();
        progress.Phase = phase;
        if (_sampler is { } sampler)
        {
            sampler.Phase = phase;
        }
    }

    /// <summary>Takes a sample out of turn, for something to be seen that lasts shorter than a second, and as the last of a run.</summary>
    public void Sample() => _sampler?.TakeUnlessFresh(loop.Now);

    /// <summary>Something that the reader of the figures must know.</summary>
    public void Warn(string? warning) => progress.Warning = warning ?? progress.Warning;

    /// <summary>Asks whoever runs this to do something; null: it is done.</summary>
    public void Ask(string? request) => progress.Request = request;

    /// <summary>Why the run was given up; null: it was not.</summary>
    public string? GivenUp { get; private set; }

    /// <summary>Nothing is waited for any more: all that is left to do is the report.</summary>
    public bool IsGivenUp => (GivenUp ??= _links?.Failure) is not null;

    /// <summary>From here on the run is given up when these links fail.</summary>
    public void DependOn(LinkSet links) => _links = links;

    /// <summary>Works until a condition holds, or the run is given up.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void RunUntil(Func<bool> done) => loop.RunUntil(() => IsGivenUp || done(), cancellation);

    /// <summary>Works until a condition holds, but no longer than until a time.</summary>
    public void RunUntil(Func<bool> done, TimeSpan end) => RunUntil(() => loop.Now >= end || done());

    public void RunUntil(TimeSpan end) => RunUntil(() => loop.Now >= end);

    private void Publish(Sample sample) => progress.Publish(new ProgressSnapshot(sample, Latencies.Summarize(), _links?.Trouble));
}
