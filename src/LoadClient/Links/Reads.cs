using Presence.LoadClient.Pacing;
using Presence.Protocol;

namespace Presence.LoadClient.Links;

/// <summary>The share of the reads that one link asks.</summary>
/// <param name="link">Its number.</param>
internal sealed class Reads(int link, LoadPlan plan, Queries queries)
{
    private readonly ulong[] _ids = new ulong[ProtocolLimits.MaxIdsPerRequest];
    private OpenLoopPace? _pace;
    private TimeSpan _end;
    private long _taken;

    /// <summary>Reads that were due while the link was away: nobody waits for them.</summary>
    public long Left { get; private set; }

    /// <param name="idsPerSecond">Over all links; 0: none.</param>
    public void Start(TimeSpan start, TimeSpan end, double idsPerSecond)
    {
        _pace = new OpenLoopPace(start, idsPerSecond / plan.Reads.MeanSize / plan.Population.Links);
        _end = end;
    }

    /// <param name="driver">Says how many questions may wait for their answer; more are asked when those are answered.</param>
    public void Ask(TimeSpan now, LinkDriver driver)
    {
        while (driver.CanAsk && TryTake(now, out TimeSpan intended))
        {
            int count = plan.Reads.Fill(_ids, (_taken * plan.Population.Links) + link);
            queries.Ask(_ids.AsSpan(0, count), intended, isExact: false);
        }
    }

    /// <summary>What is due at a link that is away.</summary>
    public void PassOver(TimeSpan now)
    {
        while (TryTake(now, out _))
        {
            Left++;
        }
    }

    private bool TryTake(TimeSpan now, out TimeSpan intended)
    {
        intended = default;
        if (_pace is null || !_pace.TryTake(now < _end ? now : _end, out intended))
        {
            return false;
        }

        _taken++;
        return true;
    }
}
