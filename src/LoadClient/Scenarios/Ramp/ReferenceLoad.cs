namespace Presence.LoadClient.Scenarios.Ramp;

/// <summary>
/// The load that the platform is built for, on one machine of two cores with the generator: 100 million sessions, 3.3 M heartbeats, 12 K
/// changes and 120 K reads a second. What it may cost is judged in a run of that many sessions, and in no smaller one.
/// </summary>
internal static class ReferenceLoad
{
    public const long Sessions = 100_000_000;

    /// <summary>Resident memory of the server.</summary>
    public const double ServerGiB = 14;

    /// <summary>The server's managed heap, in millions of bytes.</summary>
    public const double ManagedHeapMB = 500;

    /// <summary>Server and generator together, on average while holding.</summary>
    public const double Cores = 1.6;

    /// <summary>From a change to each direct watcher.</summary>
    public const double P99Ms = 50;
}
