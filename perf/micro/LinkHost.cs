using System.Numerics;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Micro;

/// <summary>
/// One shard with users on one gateway link, over a store that keeps nothing; the engine alone, measured by the processor's clock.
/// </summary>
internal sealed class LinkHost
{
    private const int BatchIds = 16_384;
    private const int Gateway = 0;

    private readonly EngineHost _host;
    private readonly Batch _batch = new();
    private readonly int _stride;
    private int _beat;

    public LinkHost(int users, IJournal? journal = null)
    {
        _host = new EngineHost(sessions: 0, journal: journal);
        _stride = StrideOf(users);
        Users = users;
        _host.Shard.Inbox.TryPostLiveness(new LinkBegins(Gateway, deviceKey: 77, resumed: false));
        _host.Settle();
    }

    public int Users { get; }

    public Shard Shard => _host.Shard;

    /// <summary>The longest turn since a million users were up, or since the set began to leave.</summary>
    public TimeSpan LongestTurn { get; private set; }

    /// <summary>All users come up, in the order of their ids.</summary>
    public TimeSpan ComeUp()
    {
        // The first of a process are compiled as they come.
        int warm = Math.Min(Users, 1 << 20);
        TimeSpan spent = InOrder(LinkVerb.Up, 0, warm);
        LongestTurn = TimeSpan.Zero;
        return spent + InOrder(LinkVerb.Up, warm, Users);
    }

    /// <summary>The first users leave and come up again.</summary>
    public void LeaveAndComeUp(int count)
    {
        InOrder(LinkVerb.Down, 0, count);
        InOrder(LinkVerb.Up, 0, count);
    }

    public void Complete()
    {
        _host.Shard.Inbox.TryPostLiveness(new LinkCompletes(Gateway));
        _host.Settle();
    }

    /// <summary>A Goodbye: the whole set goes.</summary>
    public TimeSpan Leave()
    {
        LongestTurn = TimeSpan.Zero;
        Shard.Inbox.TryPostLiveness(new LinkEnds(Gateway, goodbye: true));
        return Run();
    }

    /// <summary>Beats in an order that no cache can foresee.</summary>
    public TimeSpan Beat(int count)
    {
        var spent = TimeSpan.Zero;
        for (int left = count; left > 0; left -= BatchIds)
        {
            int ids = Math.Min(BatchIds, left);
            for (int i = 0; i < ids; i++)
            {
                _batch.UserIds[i] = IdOf(_beat);
                _beat = (int)(((long)_beat + _stride) % Users);
            }

            spent += Apply(LinkVerb.Beat, ids);
        }

        return spent;
    }

    /// <summary>A tick of engine time and all that is due in it.</summary>
    public TimeSpan Tick()
    {
        _host.MonoMs += 100;
        return Run();
    }

    // User ids as a platform might give them: neither dense nor random.
    private static ulong IdOf(int number) => ((ulong)number * 7) + 1_000_000_007;

    // By the golden section, round and round: all come once before any comes twice.
    private static int StrideOf(int users)
    {
        int stride = (int)(users * 0.618_033_988_7) | 1;
        while (BigInteger.GreatestCommonDivisor(stride, users) != 1)
        {
            stride += 2;
        }

        return stride;
    }

    private TimeSpan InOrder(LinkVerb verb, int first, int end)
    {
        var spent = TimeSpan.Zero;
        for (int from = first; from < end; from += BatchIds)
        {
            int count = Math.Min(BatchIds, end - from);
            for (int i = 0; i < count; i++)
            {
                _batch.UserIds[i] = IdOf(from + i);
            }

            spent += Apply(verb, count);
        }

        return spent;
    }

    private TimeSpan Apply(LinkVerb verb, int count)
    {
        _batch.Gateway = Gateway;
        _batch.Verb = verb;
        _batch.Status = verb == LinkVerb.Up ? Status.Online : Status.Unspecified;
        _batch.Kinds = verb == LinkVerb.Up ? DeviceKinds.Mobile : DeviceKinds.None;
        _batch.Count = count;
        Shard.Inbox.TryPostLiveness(_batch);
        return Run();
    }

    private TimeSpan Run()
    {
        TimeSpan begin = ThreadClock.Now;
        TimeSpan turn = begin;
        while (_host.Turn())
        {
            TimeSpan now = ThreadClock.Now;
            LongestTurn = now - turn > LongestTurn ? now - turn : LongestTurn;
            turn = now;
        }

        return ThreadClock.Now - begin;
    }

    private sealed class Batch : LinkBatch
    {
        public Batch() => UserIds = new ulong[BatchIds];

        protected internal override void Done(in LinkTally tally)
        {
        }
    }
}
