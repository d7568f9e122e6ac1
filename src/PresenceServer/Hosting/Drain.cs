using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Storage;
using Presence.Server.Transport.Admission;
using Presence.V1;

namespace Presence.Server.Hosting;

/// <summary>
/// How a node goes: its clients are told to leave, each with its own slot at which to come back, and the next process keeps everybody up until the last slot,
/// of those too who were given theirs by <see cref="Admissions"/> and have not come, and h beyond it. The steps are numbered in ARCHITECTURE.md.
/// </summary>
internal sealed partial class Drain(
    ShardSet shards,
    DataDirectory directory,
    PresenceConfiguration configuration,
    IServiceProvider services,
    NodeClock clock,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<Drain> logger)
{
    // GoAway gives 5 s to leave; who has not left by then is closed.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(7);

    private readonly Lock _lock = new();
    private Task? _told;

    /// <summary>It was asked for; the node takes no new clients.</summary>
    public bool IsUnderWay => Volatile.Read(ref _told) is not null;

    /// <summary>Until when those who were told to leave are shown as they are, Unix ms; 0 before <see cref="IsUnderWay"/>.</summary>
    public long HeldUntilMs { get; private set; }

    /// <summary>Connections of sessions and links that have not left yet.</summary>
    public int Connections => shards.All.Sum(static shard => shard.Counters.Connections);

    /// <summary>Completes when all have left, or have had the time to; begins to drain when nobody has.</summary>
    /// <param name="within">Over how long they come back; null: as configured.</param>
    public Task TellAsync(TimeSpan? within = null)
    {
        lock (_lock)
        {
            return _told ??= TellAllAsync(within ?? configuration.Admission.DrainTime);
        }
    }

    /// <summary>Drains, then ends the process.</summary>
    public async Task StopAsync()
    {
        await TellAsync();
        lifetime.StopApplication();
    }

    /// <summary>For how long from now on the process before has promised to show those it sent away as they were.</summary>
    public long PromisedForMs()
    {
        // A wall clock that was set back is no reason to wait for longer than anybody can have been promised.
        TimeSpan slot = configuration.Admission.MaxSlot, drain = AdmissionConfiguration.MostDrainTime;
        long most = (long)((slot > drain ? slot : drain) + configuration.Session.Hold).TotalMilliseconds;
        return Math.Clamp(TimeFile.Read(directory.HeldUntilPath) - clock.WallMs, 0, most);
    }

    private async Task TellAllAsync(TimeSpan within)
    {
        LogDraining(Connections, within.TotalSeconds);
        services.GetRequiredService<ConnectionCaps>().Clients.Close();
        TimeSpan last = services.GetRequiredService<Admissions>().All.Max(static budget => budget.UntilLastSlot);
        HeldUntilMs = clock.WallMs + (long)((last > within ? last : within) + configuration.Session.Hold).TotalMilliseconds;
        Promise();
        Task[] left = [.. shards.All.Select(shard => TellAsync(shard, (long)within.TotalMilliseconds))];
        await Task.WhenAll(left).WaitAsync(s_patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Before anybody leaves because of it.
    private void Promise()
    {
        try
        {
            TimeFile.Write(directory.HeldUntilPath, HeldUntilMs);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotPromised(e.Message);
        }
    }

    private static async Task TellAsync(ShardHost shard, long drainMs)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await shard.PostLivenessAsync(new NodeStops(CloseCode.Draining) { DrainMs = drainMs, AllLeft = left.SetResult });
        await left.Task;
    }

    [LoggerMessage(LogEvents.Stopping, LogLevel.Information, "Stopping: {Connections} connections are told to come back, each at its slot within {Seconds} s; their sessions are kept")]
    private partial void LogDraining(int connections, double seconds);

    [LoggerMessage(LogEvents.DrainNotPromised, LogLevel.Warning, "Until when clients may come back could not be written down ({Reason}): the next process waits for them no longer than after a crash")]
    private partial void LogNotPromised(string reason);
}
