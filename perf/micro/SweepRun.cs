using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.V1;

namespace Presence.Micro;

/// <summary>
/// <c>Micro sweep [users] [back] [directory]</c>: the end of a recovery from which so many users have not come back, and some more have. One shard over a real
/// store, and with a directory a real journal in it. Ticks follow each other as fast as they are done with; printed is what a user who goes costs.
/// </summary>
internal sealed class SweepRun : IWake, IDisposable
{
    private const int Gateway = 0;
    private const int TickMs = 100;

    private const int WarmTicks = 30;

    // Longer than the store's thread takes to answer what it was woken for.
    private const int StoreMs = 3;
    private const int SliceIds = 16_384;

    private readonly ManualResetEventSlim _woken = new();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("presence-sweep-");
    private readonly DataDirectory _directory;
    private readonly LastActiveStore _store;
    private readonly Shard _shard;
    private long _monoMs = 1_000_000;
    private TimeSpan _spent;
    private TimeSpan _longest;

    private SweepRun(int users, int back, IJournal? journal)
    {
        _directory = DataDirectory.Open(_root.FullName);
        _store = LastActiveStore.Open(_directory, new StoreOptions { MemoryBudget = 8L << 30 }, TimeProvider.System, NullLogger.Instance, new CheckpointDisk());
        _store.Load();
        for (int user = 0; user < users + back; user++)
        {
            _store.Write(new UserRecord(IdOf(user), 1UL << 20, 1, 1, (byte)Status.Online, 0));
        }

        SpinWait.SpinUntil(() => _store.Health.PendingUsers == 0);

        var options = new ShardOptions();
        var topology = new Topology(node: 0, shards: 1, partitions: 64, seed: 42);
        _shard = new ShardSetup(options, topology, _store, journal ?? new EngineHost(sessions: 0), Seed: 7).Build([this], Now)[0];
        _shard.Inbox.TryPostLiveness(new AcceptingBegins());
        _shard.Inbox.TryPostLiveness(new LinkBegins(Gateway, deviceKey: 77, resumed: false));
        for (long waited = 0; waited <= options.RecoverForMs; waited += TickMs)
        {
            Settle();
            _monoMs += TickMs;
        }

        for (int from = users; from < users + back; from += SliceIds)
        {
            _shard.Inbox.TryPostLiveness(new Batch(from, Math.Min(SliceIds, users + back - from)));
            Settle();
        }
    }

    private TurnTime Now => new(_monoMs, 1_790_000_000_000 + _monoMs, _monoMs);

    public static int Run(string[] args)
    {
        int users = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
        int back = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 0;
        using JournalUse? journal = args.Length > 2 ? new JournalUse(args[2]) : null;
        using var run = new SweepRun(users, back, journal?.Journal);
        run.Sweep(users);
        return 0;
    }

    public void Wake() => _woken.Set();

    public void Dispose()
    {
        _shard.Dispose();
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _directory.Dispose();
        _root.Delete(recursive: true);
        _woken.Dispose();
    }

    private static ulong IdOf(int number) => ((ulong)number * 7) + 1_000_000_007;

    private void Sweep(int users)
    {
        (_spent, _longest) = (TimeSpan.Zero, TimeSpan.Zero);
        TimeSpan others = OfOtherThreads();
        long begin = Stopwatch.GetTimestamp(), ticks = 0;
        _shard.Inbox.TryPostLiveness(new LinkCompletes(Gateway));
        for (; _shard.Counters.Transitions[(int)TransitionCause.RecoveringOver] < users; ticks++)
        {
            Settle();
            _monoMs += TickMs;
            // The first are compiled as they come.
            _longest = ticks < WarmTicks ? TimeSpan.Zero : _longest;
        }

        others = OfOtherThreads() - others;
        Say($"sweep: {users} users in {ticks} ticks, which took {Stopwatch.GetElapsedTime(begin).TotalSeconds:F1} s");
        Say($"a user: {_spent.TotalNanoseconds / users:F0} ns of the shard's thread, {others.TotalNanoseconds / users:F0} ns of all others; longest turn {_longest.TotalMilliseconds:F1} ms");
    }

    // Turns until there is nothing to do and nobody wakes it.
    private void Settle()
    {
        do
        {
            bool more;
            do
            {
                _woken.Reset();
                TimeSpan begin = ThreadClock.Now;
                more = _shard.Turn(Now);
                TimeSpan turn = ThreadClock.Now - begin;
                _spent += turn;
                _longest = turn > _longest ? turn : _longest;
            }
            while (more);
        }
        while (_woken.Wait(StoreMs));
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static TimeSpan OfOtherThreads()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime - ThreadClock.Now;
    }

    private sealed class Batch : LinkBatch
    {
        public Batch(int first, int count)
        {
            Gateway = SweepRun.Gateway;
            Verb = LinkVerb.Up;
            Status = Status.Online;
            UserIds = [.. Enumerable.Range(first, count).Select(IdOf)];
            Count = count;
        }

        protected internal override void Done(in LinkTally tally)
        {
        }
    }
}
