namespace Presence.Engine.Tests;

/// <summary>Three nodes with a watcher of all users at each, between which links are cut and whose ring changes, of which some hear late. What else happens the test says.</summary>
internal abstract class ChanceRun : IDisposable
{
    /// <summary>Of the world.</summary>
    protected const int NodesInAll = 3;

    private const ulong FirstWatcher = 500;
    private const int MostActs = 60;

    // The same in every run of the tests; PRESENCE_SEEDS=FROM,COUNT tries others.
    private static readonly int[] s_seeds = [.. (Environment.GetEnvironmentVariable("PRESENCE_SEEDS") ?? "1,80").Split(',').Select(int.Parse)];

    private readonly int _users;
    private bool _isLate;

    protected ChanceRun(int users)
    {
        _users = users;
        Watchers = [.. Enumerable.Range(0, NodesInAll).Select(node => Nodes[node].Watcher(FirstWatcher + (ulong)node, [.. All]))];
        Nodes.Settle();
    }

    protected NodesWorld Nodes { get; } = new(2, 1, 2);

    protected FakeConnection[] Watchers { get; }

    protected IEnumerable<ulong> All => Enumerable.Range(1, _users).Select(static user => (ulong)user);

    /// <summary>No link is cut, and all follow one ring.</summary>
    protected bool IsWell => Nodes.Cut.Count == 0 && !_isLate;

    /// <summary>Lets things happen as each seed says; in the end all is well again, and everybody sees the truth.</summary>
    public static void TryAll(Func<ChanceRun> begin)
    {
        List<string> wrong = [];
        foreach (int seed in Enumerable.Range(s_seeds[0], s_seeds[1]))
        {
            try
            {
                Try(seed, begin);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                wrong.Add($"seed {seed}: {e.Message}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    public void Dispose() => Nodes.Dispose();

    /// <param name="act">Below 100: what.</param>
    /// <param name="which">Below 10,000: with whom, where, how.</param>
    protected abstract void Do(int act, int which);

    /// <summary>All is well from now on: whatever lingers is gone.</summary>
    protected abstract void End();

    protected abstract void AssertTruth();

    /// <summary>Time passes; whoever is there is heard.</summary>
    protected virtual void Advance(long ms)
    {
        Nodes.Advance(ms);
        Array.ForEach(Watchers, static watcher => watcher.Heard());
    }

    protected virtual void Cut(int node, int other) => Nodes.Cut.Add((node, other));

    protected void Heal()
    {
        Nodes.Cut.Clear();
        CatchUp();
    }

    protected virtual void ChangeRing(int which)
    {
        CatchUp();
        int[] members = [.. Enumerable.Range(0, NodesInAll).Where(node => (((which % 7) + 1) >> node & 1) == 1)];
        int late = which / 7 % (NodesInAll + 1);
        _isLate = late < NodesInAll;
        // All of a node, or one shard of it.
        Nodes.FollowLate(late, _isLate && which % 2 == 0 ? which / 28 % Nodes[late].Shards.Length : -1, members);
    }

    private static void Try(int seed, Func<ChanceRun> begin)
    {
        var random = new Random(seed);
        using ChanceRun run = begin();
        for (int left = random.Next(MostActs); left > 0; left--)
        {
            run.Do(random.Next(100), random.Next(10_000));
        }

        run.Heal();
        run.End();
        for (int i = 0; i < 14; i++)
        {
            run.Advance(10_000);
        }

        run.AssertTruth();
    }

    private void CatchUp()
    {
        if (_isLate)
        {
            _isLate = false;
            Nodes.CatchUp();
        }
    }
}
