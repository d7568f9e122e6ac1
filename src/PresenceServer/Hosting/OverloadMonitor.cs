using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Storage;

namespace Presence.Server.Hosting;

/// <summary>Looks at the load of the node once a second and tells the shards which step of overload they are in.</summary>
internal sealed partial class OverloadMonitor(
    ShardSet shards, PresenceConfiguration configuration, DataDirectory directory, NodeClock clock, TimeProvider time, ILogger<OverloadMonitor> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    private readonly OverloadJudge _judge = new(configuration.Overload);
    private readonly (long Sum, long Turns)[] _before = new (long, long)[shards.All.Count];
    private volatile OverloadStep _step;
    private TimeSpan _cpuBefore = Environment.CpuUsage.TotalTime;
    private long _lookedAt = clock.Ticks;

    // Until when a session may still keep to an interval that is longer than d; null: none does.
    private long? _longUntilMs;

    public OverloadStep Step => _step;

    public bool Sheds(OverloadStep step) => _step >= step;

    /// <summary>When to ask again what was refused: by then the step may be another.</summary>
    public uint RetryAfterMs { get; } = (uint)configuration.Session.HeartbeatInterval.TotalMilliseconds;

    /// <summary>The longest interval a session of the process before may have kept to, in ms, and 4 tolerances; 0 when that was d.</summary>
    public long ComeBackWithinMs() => TimeFile.Read(directory.LongIntervalPath) is > 0 and var interval
        ? Math.Min(interval, MaxIntervalMs) + (4 * (long)configuration.Session.Tolerance.TotalMilliseconds)
        : 0;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (_judge.Look(MeanLag(), Cpu()))
                {
                    await EnterAsync(_judge.Step);
                }

                ForgetLongIntervals();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private long MaxIntervalMs => (long)configuration.Overload.MaxIntervalOf(configuration.Session.HeartbeatInterval).TotalMilliseconds;

    private async Task EnterAsync(OverloadStep step)
    {
        LogStep(step, _judge.Step > _step ? "less is served" : "more is served again");
        _step = step;
        RememberLongIntervals();
        await shards.PostToAllAsync(() => new OverloadChanged(step, RetryAfterMs));
    }

    // Before anybody is told one: after a crash they come back only when their next heartbeat finds the connection lost.
    private void RememberLongIntervals()
    {
        if (_step > OverloadStep.None && _longUntilMs is null)
        {
            Try(() => TimeFile.Write(directory.LongIntervalPath, MaxIntervalMs));
        }

        _longUntilMs = _step > OverloadStep.None ? long.MaxValue : clock.MonoMs + MaxIntervalMs;
    }

    private void ForgetLongIntervals()
    {
        if (clock.MonoMs >= _longUntilMs)
        {
            _longUntilMs = null;
            Try(() => File.Delete(directory.LongIntervalPath));
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(e.Message);
        }
    }

    private TimeSpan MeanLag()
    {
        TimeSpan latest = TimeSpan.Zero;
        for (int i = 0; i < _before.Length; i++)
        {
            ShardHost shard = shards.All[i];
            (long sum, long turns) = (shard.Lag.Sum, shard.Counters.Turns);
            TimeSpan mean = turns > _before[i].Turns
                ? clock.SpanOf((sum - _before[i].Sum) / (turns - _before[i].Turns))
                : TimeSpan.FromMilliseconds(shard.StillForMs);
            latest = mean > latest ? mean : latest;
            _before[i] = (sum, turns);
        }

        return latest;
    }

    private double Cpu()
    {
        (TimeSpan cpu, long now) = (Environment.CpuUsage.TotalTime, clock.Ticks);
        double percent = 100 * ((cpu - _cpuBefore) / clock.SpanOf(now - _lookedAt)) / Environment.ProcessorCount;
        (_cpuBefore, _lookedAt) = (cpu, now);
        return percent;
    }

    [LoggerMessage(LogEvents.OverloadStep, LogLevel.Warning, "Overload step {Step}: {What}")]
    private partial void LogStep(OverloadStep step, string what);

    [LoggerMessage(LogEvents.LongIntervalNotWritten, LogLevel.Warning, "The interval that sessions are asked for could not be written down ({Reason}): after a crash the next process waits for them no longer than d + 4δ")]
    private partial void LogNotWritten(string reason);
}
