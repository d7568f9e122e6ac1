using System.Globalization;
using Presence.Scenarios.Ramps;

namespace Presence.Scenarios.Growth;

/// <summary>From one size to the next: what is more is what the additional sessions and heartbeats cost, the rest was there before them.</summary>
internal sealed class GrowthStep(RampOutcome before, RampOutcome after)
{
    // Rates that differ by less say nothing about what one heartbeat more costs.
    private const double LeastDifference = 0.2;

    /// <summary>Of each session more.</summary>
    public double BytesPerSession { get; } = (after.GrownBytes - before.GrownBytes) / (after.Sessions - before.Sessions);

    /// <summary>Why what a session and a heartbeat cost is not the same at both sizes.</summary>
    public string Reason => $"{OfBytes()} {(IsSameRate ? OfSize() : OfRate())}";

    private bool IsSameRate => Math.Abs(after.HeartbeatsPerSecond - before.HeartbeatsPerSecond) < LeastDifference * before.HeartbeatsPerSecond;

    private string OfBytes() => Text(
        $"a session more costs {BytesPerSession:0} bytes; {(before.GrownBytes - (BytesPerSession * before.Sessions)) / 1e6:0} MB come with the load, however few they are.");

    // Frames and the turns they wake are as many for few users as for many.
    private string OfRate()
    {
        double each = (after.ServerCores - before.ServerCores) / (after.HeartbeatsPerSecond - before.HeartbeatsPerSecond);
        return Text(
            $"A heartbeat a second more costs {each * 1e6:0.000} µs; {before.ServerCores - (each * before.HeartbeatsPerSecond):0.00} cores go to frames, turns and watchers, which are as many in both.");
    }

    private string OfSize() => Text(
        $"As many heartbeats a second cost {after.ServerCores / before.ServerCores:0.00} times the CPU of the row before: look-ups in tables so much larger miss the caches and the address translation, as in \"The engine alone\".");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
