using System.Globalization;
using Presence.Server.Admin;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// Whether Redis answers and how far what it has is behind. Never failed: presence is served without it, and all nodes would be taken out at once.
/// </summary>
internal sealed class SharedHealth(RedisLink link, SharedCounts counts) : INodeCheck
{
    private const string Name = "shared store";

    // Some commits, and a busy Redis, are no trouble.
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(10);

    public HealthCheck Check()
    {
        string behind = string.Create(CultureInfo.InvariantCulture, $"{counts.LagBytes} bytes of the journal, {counts.Lag.TotalSeconds:0} s, are to be shipped");
        if (link.Problem is { } problem)
        {
            return new(Name, NodeHealth.Degraded, $"Redis is away, presence is served on; {behind}. {problem}");
        }

        return counts.Lag > s_late
            ? new(Name, NodeHealth.Degraded, $"Redis is behind, presence is served on; {behind}.")
            : new(Name, NodeHealth.Ok, $"Redis answers; {behind}.");
    }
}
