namespace Presence.Scenarios.Ramps;

/// <summary>One run of <c>LoadClient ramp</c> against a server of its own.</summary>
/// <param name="Name">By which it is run alone.</param>
/// <param name="Settings">Of the server, as <c>KEY=VALUE</c>.</param>
/// <param name="Options">Of the generator, by name; what is given on the command line replaces them.</param>
internal sealed record RampSetup(string Name, IReadOnlyList<string> Settings, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>
    /// Smaller ones beat more often, so that the rate is like that of 100 M, and the rates of changes and reads go with that of the
    /// heartbeats: what differs is the size.
    /// </summary>
    public static IReadOnlyList<RampSetup> All { get; } =
    [
        Of("ramp1m", "1M", ["Presence:Session:HeartbeatInterval=00:00:01", "Presence:Session:Tolerance=00:00:00.9"], "3600/s", "36K/s", "60s"),
        Of("ramp10m", "10M", ["Presence:Session:HeartbeatInterval=00:00:03", "Presence:Session:Tolerance=00:00:02"], "12K/s", "120K/s", "60s"),
        // A checkpoint writes everybody, 2.4 GB: once while holding.
        Of("ramp100m", "100M", ["Presence:Store:CheckpointInterval=00:05:00"], "12K/s", "120K/s", "5m"),
    ];

    public RampSetup With(IEnumerable<KeyValuePair<string, string>> options)
    {
        var all = new Dictionary<string, string>(Options);
        foreach ((string name, string value) in options)
        {
            all[name] = value;
        }

        return this with { Options = all };
    }

    private static RampSetup Of(string name, string sessions, string[] settings, string changes, string reads, string hold) =>
        new(name, settings, new Dictionary<string, string>
        {
            ["--sessions"] = sessions,
            ["--links"] = "8",
            ["--ramp-rate"] = "1M/s",
            ["--changes"] = changes,
            ["--reads"] = reads,
            ["--ids-per-query"] = "16..1000",
            ["--watchers"] = "1000",
            ["--watches"] = "20",
            ["--sample"] = "1M",
            ["--hold"] = hold,
        });
}
