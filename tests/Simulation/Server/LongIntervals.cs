using Presence.Engine;

namespace Presence.Simulation;

/// <summary>
/// What a process leaves the next one of intervals that are longer than d: who keeps to one comes back only when its next heartbeat finds the connection lost. Written
/// before anybody is told one, forgotten when nobody can keep to one any more.
/// </summary>
internal sealed class LongIntervals(World world)
{
    private int _changes;

    private ShardOptions Options => world.Plan.Settings.Options;

    /// <summary>A process begins: for how long it must hold whoever it finds, in ms; 0: as ever.</summary>
    public long ComeBackWithinMs()
    {
        long intervalMs = world.Disk.LongIntervalMs;
        ForgetIn(intervalMs);
        return intervalMs > 0 ? intervalMs + (4 * Options.ToleranceMs) : 0;
    }

    public void Enter(OverloadStep step)
    {
        world.Disk.LongIntervalMs = Options.MaxHeartbeatIntervalMs;
        _changes++;
        if (step == OverloadStep.None)
        {
            ForgetIn(Options.MaxHeartbeatIntervalMs);
        }
    }

    private void ForgetIn(long ms)
    {
        int change = ++_changes;
        int process = world.Node.Processes;
        world.Agenda.In(ms, () =>
        {
            if (change != _changes || process != world.Node.Processes || !world.Node.IsUp)
            {
                return;
            }

            if (Array.Exists(world.Node.Threads, thread => thread.Shard.Counters.Levels.LongerIntervals > 0))
            {
                ForgetIn(Options.MaxHeartbeatIntervalMs);
                return;
            }

            world.Disk.LongIntervalMs = 0;
        });
    }
}
