namespace Presence.Server.Hosting;

/// <summary>What there is to do for a node, and what of it it gets done.</summary>
/// <param name="Lag">How late turns began, on average since the look before, of the shard that was latest.</param>
/// <param name="Cpu">Of the process, in percent of all cores.</param>
internal readonly record struct NodeLoad(TimeSpan Lag, double Cpu);

/// <summary>Where the load of a node is read.</summary>
internal interface ILoadMeter
{
    /// <summary>How often it is looked at; a load is that of so long.</summary>
    TimeSpan Every { get; }

    /// <summary>Since the call before. One caller.</summary>
    NodeLoad Read();
}

/// <summary>The load of this process.</summary>
internal sealed class LoadMeter(ShardSet shards, NodeClock clock) : ILoadMeter
{
    private readonly (long Sum, long Turns)[] _before = new (long, long)[shards.All.Count];
    private TimeSpan _cpuBefore = Environment.CpuUsage.TotalTime;
    private long _readAt = clock.Ticks;

    public TimeSpan Every { get; } = TimeSpan.FromSeconds(1);

    public NodeLoad Read() => new(MeanLag(), Cpu());

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
        double percent = 100 * ((cpu - _cpuBefore) / clock.SpanOf(now - _readAt)) / Environment.ProcessorCount;
        (_cpuBefore, _readAt) = (cpu, now);
        return percent;
    }
}
