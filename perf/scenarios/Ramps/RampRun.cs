using System.Text.Json;
using Presence.Scenarios.Loads;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Ramps;

/// <summary>Runs LoadClient ramp against a server of its own.</summary>
internal static class RampRun
{
    /// <inheritdoc cref="LoadRun.Measure"/>
    public static RampOutcome Measure(RampSetup setup, string page)
    {
        using Subject server = Subject.StartServer(setup.Settings);
        (JsonElement report, bool isRight) = LoadRun.Measure(server, "ramp", setup.Options, page);
        return new RampOutcome(report, isRight);
    }
}
