using System.Collections.Concurrent;
using Presence.Engine;

namespace Presence.Simulation;

/// <summary>The members as of a version.</summary>
/// <param name="Incarnations">By ordinal, those who are members.</param>
/// <param name="Gone">Incarnations, of all that have died, whose process was known to be gone then.</param>
internal sealed record View(long Version, IReadOnlyDictionary<int, ulong> Incarnations, IReadOnlySet<ulong> Gone)
{
    public static readonly View None = new(0, new Dictionary<int, ulong>(), new HashSet<ulong>());

    public ulong Of(int ordinal) => Incarnations.GetValueOrDefault(ordinal);
}

/// <summary>
/// The membership service: one table, which only somebody who reaches it can read or change. Who does not answer most of the others for some seconds is declared dead, for good; what it says then is a zombie's. Each node hears of a
/// version a while later, never of an older one behind a newer one, and asks itself now and then.
/// </summary>
internal sealed class Membership
{
    private const long LookEveryMs = 250;

    // Whoever stood still is no judge of others for so long.
    private const long JudgesAfterMs = 2_000;

    private const long RingSeed = 5;

    // A ring takes its time, and runs follow the same few again and again.
    private static readonly ConcurrentDictionary<string, Ring> s_rings = new();

    private readonly ClusterWorld _world;
    private readonly Chance _chance;

    // Since when a member is not heard by most.
    private readonly Dictionary<int, long> _silentSince = [];
    private ulong _lastIncarnation;

    public Membership(ClusterWorld world, Chance chance)
    {
        (_world, _chance) = (world, chance);
        world.Agenda.In(LookEveryMs, Look);
    }

    public View Now { get; private set; } = View.None;

    /// <summary>When the members changed last.</summary>
    public long ChangedMs { get; private set; }

    /// <summary>Whoever is asked for does not answer.</summary>
    public bool IsAway { get; set; }

    public static RoutingTable TableOf(View view)
    {
        int[] members = [.. view.Incarnations.Keys.Order()];
        Ring ring = s_rings.GetOrAdd(string.Join(' ', members.Select(static node => $"{node:00}")), static names => new Ring(names.Split(' '), RingSeed));
        return new RoutingTable(view.Version, ring, members) { Follows = view.Version - 1 };
    }

    /// <summary>A process is a member from now on; whoever had its place before is dead.</summary>
    /// <returns>Its incarnation; 0: the table cannot be reached.</returns>
    public ulong Join(Member member)
    {
        if (!Reaches(member))
        {
            return 0;
        }

        ulong before = Now.Of(member.Ordinal);
        bool wasThere = before != 0 && !member.HasRun(before);
        Change(members => members[member.Ordinal] = ++_lastIncarnation, wasThere ? before : 0);
        return _lastIncarnation;
    }

    /// <summary>A node that can ask hears of the newest version.</summary>
    public void Ask(Member member)
    {
        if (Reaches(member))
        {
            member.Take(Now);
        }
    }

    private bool Reaches(Member member) => !IsAway && member.IsRunning && !member.IsCut && !member.IsDeaf && !member.IsBlind;

    private void Look()
    {
        _world.Agenda.In(LookEveryMs, Look);
        if (IsAway)
        {
            _silentSince.Clear();
            return;
        }

        foreach (int ordinal in Now.Incarnations.Keys.Order().ToArray())
        {
            Member member = _world.Members[ordinal];
            long now = _world.Agenda.Now;
            if (!IsMissed(member))
            {
                _silentSince.Remove(ordinal);
                continue;
            }

            _silentSince.TryAdd(ordinal, now);
            bool isGone = !member.HasRun(Now.Of(ordinal));
            if (now - _silentSince[ordinal] >= (isGone ? _world.Plan.Settings.NoticeMs : _world.Plan.Settings.SuspectMs))
            {
                _silentSince.Remove(ordinal);
                _world.Trace.Note(0, $"member {ordinal} is declared dead");
                _world.Truth.DeclaredDead(member);
                ulong dead = Now.Of(ordinal);
                Change(members => members.Remove(ordinal), isGone ? dead : 0);
            }
        }
    }

    // By more than half of those who can judge.
    private bool IsMissed(Member member)
    {
        int judges = 0, missing = 0;
        foreach (int ordinal in Now.Incarnations.Keys)
        {
            Member judge = _world.Members[ordinal];
            if (judge != member && Reaches(judge) && judge.HasRun(Now.Of(ordinal)) && judge.RunningForMs >= JudgesAfterMs)
            {
                judges++;
                missing += _world.Network.IsOpen(judge, member) && _world.Network.IsOpen(member, judge) && member.IsRunning && member.HasRun(Now.Of(member.Ordinal)) ? 0 : 1;
            }
        }

        return missing * 2 > judges;
    }

    private void Change(Action<Dictionary<int, ulong>> change, ulong gone)
    {
        var members = new Dictionary<int, ulong>(Now.Incarnations);
        change(members);
        Now = new View(Now.Version + 1, members, gone == 0 ? Now.Gone : new HashSet<ulong>(Now.Gone) { gone });
        ChangedMs = _world.Agenda.Now;
        _world.Truth.Disturbed(_world.Plan.Settings.ViewMs + 1_000);
        _world.Trace.Note(0, $"view {Now.Version}: {string.Join(", ", members.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Key}/{pair.Value}"))}");
        foreach (Member member in _world.Members)
        {
            _world.Agenda.In(_chance.Between(0, _world.Plan.Settings.ViewMs), () => Ask(member));
        }
    }
}
