using System.Globalization;

namespace Presence.Server.Cluster;

/// <summary>The clock of this machine is too far ahead for it to be a member.</summary>
/// <param name="ahead">Of the clock of Redis.</param>
/// <param name="most">What is allowed.</param>
internal sealed class ClockAheadException(TimeSpan ahead, TimeSpan most)
    : Exception(string.Create(
        CultureInfo.InvariantCulture,
        $"The clock of this machine is {ahead.TotalSeconds:0.0} s ahead of Redis's; members may differ by {most.TotalSeconds:0} s. Set both by the same time servers (NTP). A node that runs joins then by itself, one that has ended is to be started again."));
