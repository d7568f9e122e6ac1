using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Storage;

namespace Presence.Server.Hosting;

/// <summary>Looks at the load of the node, once a second, and tells the shards which step of overload they are in.</summary>
internal sealed partial class OverloadMonitor(
    ILoadMeter meter, ShardSet shards, PresenceConfiguration configuration, DataDirectory directory, NodeClock clock, TimeProvider time, ILogger<OverloadMonitor> logger)
    : BackgroundService
{
    private readonly OverloadJudge _judge = new(configuration.Overload);
    private volatile OverloadStep _step;

    // Until when a session may still keep to an interval that is longer than d; null: none does.
    private long? _longUntilMs;

    public OverloadStep Step => _step;

    public bool Sheds(OverloadStep step) => _step >= step;

    /// <summary>When to ask again what was refused: by then the step may be another.</summary>
    public uint RetryAfterMs { get; } = (uint)configuration.Session.HeartbeatInterval.TotalMilliseconds;

    /// <summary>Before it starts. The longest interval a session of the process before may have kept to, in ms, and 4 tolerances; 0 when that was d.</summary>
    public long ComeBackWithinMs()
    {
        if (TimeFile.Read(directory.LongIntervalPath) is not (> 0 and var interval))
        {
            return 0;
        }

        // What this process asks for may be set otherwise by now. By the end of it they are back, and have kept to d since.
        interval = Math.Min(interval, (long)OverloadConfiguration.LongestInterval.TotalMilliseconds);
        _longUntilMs = clock.MonoMs + interval;
        return interval + (4 * (long)configuration.Session.Tolerance.TotalMilliseconds);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(meter.Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (_judge.Look(meter.Read()))
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
        if (_step == OverloadStep.None && shards.All.Any(static shard => shard.Counters.Levels.LongerIntervals > 0))
        {
            // Who sends requests all the time and no heartbeat has not been told yet.
            _longUntilMs = clock.MonoMs + MaxIntervalMs;
        }
        else if (clock.MonoMs >= _longUntilMs)
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

    [LoggerMessage(LogEvents.OverloadStep, LogLevel.Warning, "Overload step {Step}: {What}")]
    private partial void LogStep(OverloadStep step, string what);

    [LoggerMessage(LogEvents.LongIntervalNotWritten, LogLevel.Warning, "The interval that sessions are asked for could not be written down ({Reason}): after a crash the next process waits for them no longer than d + 4δ")]
    private partial void LogNotWritten(string reason);
}
