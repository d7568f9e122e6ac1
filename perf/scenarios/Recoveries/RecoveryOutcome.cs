namespace Presence.Scenarios.Recoveries;

/// <summary>One start on a full data directory.</summary>
internal sealed record RecoveryOutcome
{
    public required long DiskBytes { get; init; }

    /// <summary>The same bytes read in order and verified, on one thread: nothing that recovers them is faster on one.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>From the start of the process.</summary>
    public required TimeSpan FirstAnswer { get; init; }

    /// <summary>Of the users in the first answer.</summary>
    public required int FirstUnknown { get; init; }

    /// <summary>From the start of the process until every user can be answered for.</summary>
    public required TimeSpan Loaded { get; init; }

    /// <summary>The server's processor time until then.</summary>
    public required TimeSpan Cpu { get; init; }

    public required long Rss { get; init; }

    public required long PeakRss { get; init; }

    /// <summary>Round trips of questions over HTTP, one at a time, in milliseconds: while it loaded, and as many after it.</summary>
    public required IReadOnlyList<double> WhileLoading { get; init; }

    public required IReadOnlyList<double> Afterwards { get; init; }

    /// <summary>Users of the sample who were not answered as their record says once all was loaded.</summary>
    public required int Wrong { get; init; }

    public static double Percentile(IReadOnlyList<double> times, double part) => times.Order().ElementAt((int)((times.Count - 1) * part));
}
