using Presence.LoadClient.Pacing;
using Presence.Protocol;

namespace Presence.LoadClient.Links;

/// <summary>
/// The end of a run, when nothing changes any more: a random sample of all users, and one of those who changed, are asked about over all
/// links in turn, at a steady rate; every answer must be what is planned.
/// </summary>
internal sealed class Verification : IDeadline
{
    private const int IdsAQuestion = ProtocolLimits.MaxIdsPerRequest;
    private const double IdsPerSecond = 100_000;

    /// <summary>Of the sample, so many more are drawn from those who changed.</summary>
    private const int ChangedShare = 4;

    private readonly LinkSet _links;
    private readonly Permutation _order;
    private readonly long _random;
    private readonly long _changed;
    private readonly OpenLoopPace _pace;
    private readonly ulong[] _ids = new ulong[IdsAQuestion];
    private long _asked;
    private int _link;

    /// <param name="sample">Users drawn from all; those who changed are asked about besides.</param>
    public Verification(LinkSet links, long sample, ulong seed, TimeSpan start)
    {
        _links = links;
        _order = new Permutation(links.Asked, seed);
        _random = Math.Min(sample, links.Asked);
        long begun = links.Plan.Changes.Plan.Begun(links.Plan.Changes.Taken);
        _changed = Math.Min(_random / ChangedShare, Math.Min(begun, links.Asked));
        _pace = new OpenLoopPace(start, IdsPerSecond / IdsAQuestion);
    }

    /// <summary>Users to be asked about.</summary>
    public long Sample => _random + _changed;

    /// <summary>How long it takes to ask.</summary>
    public TimeSpan Length => TimeSpan.FromSeconds(Sample / IdsPerSecond);

    /// <summary>Every question was asked and answered, or its answer is lost.</summary>
    public bool IsDone => _asked == Sample && _links.Drivers.All(static driver => driver.Queries.Open == 0);

    public TimeSpan? OnDue(TimeSpan now)
    {
        while (_asked < Sample && NextLink() is { } driver && _pace.TryTake(now, out TimeSpan intended))
        {
            driver.Queries.Ask(_ids.AsSpan(0, Fill()), intended, isExact: true);
        }

        return _asked < Sample ? now + LinkDriver.Tick : null;
    }

    // The next that has no more open than the server allows; null: all of them are waiting.
    private LinkDriver? NextLink()
    {
        for (int tried = 0; tried < _links.Drivers.Count; tried++)
        {
            LinkDriver driver = _links.Drivers[_link++ % _links.Drivers.Count];
            if (driver.CanAsk)
            {
                return driver;
            }
        }

        return null;
    }

    private int Fill()
    {
        // A question is about one of the two samples: a user who is in both is then not in it twice.
        long end = _asked < _random ? _random : Sample;
        int count = (int)Math.Min(IdsAQuestion, end - _asked);
        for (int i = 0; i < count; i++)
        {
            _ids[i] = _links.Plan.Population.IdOf(UserAt(_asked + i));
        }

        _asked += count;
        return count;
    }

    private long UserAt(long n)
    {
        if (n < _random)
        {
            return _order[n];
        }

        ChangeFeed changes = _links.Plan.Changes;
        long begun = Math.Min(changes.Plan.Begun(changes.Taken), _links.Asked);
        return changes.Plan.UserOf((long)((n - _random) * (double)begun / _changed));
    }
}
