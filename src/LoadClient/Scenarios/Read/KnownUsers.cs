using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>The users that are asked about: what they are is known, also while they change.</summary>
internal sealed class KnownUsers : IFleetEvents
{
    private readonly RunContext _context;
    // When the last Ack came of each: what was asked after that must be answered with that version or a newer one.
    private readonly TimeSpan[] _acked;

    public KnownUsers(ReadOptions options, RunContext context)
    {
        _context = context;
        _acked = new TimeSpan[options.KnownUsers];
        Truth = new Truth(options.KnownUsers);
        Fleet = new Fleet(context.FleetPlan, context.Target.FirstUser, [.. Enumerable.Repeat(View.None, options.KnownUsers)], this);
    }

    public Fleet Fleet { get; }

    public Truth Truth { get; }

    /// <summary>Whether an answer can be right.</summary>
    /// <param name="user">Its number; beyond the known ones: it was never seen.</param>
    /// <param name="asked">When the question was sent.</param>
    public bool IsRight(int user, in SeenEntry entry, TimeSpan asked)
    {
        if (user >= _acked.Length)
        {
            return entry.Status == Status.Offline;
        }

        if (!Fleet.Sessions[user].IsUp || !Truth.IsKnown(user) || asked <= _acked[user])
        {
            // It was on the move while it was asked about.
            return true;
        }

        ulong version = Truth.VersionOf(user);
        return Truth.UnackedOf(user) > 0
            ? entry.Version >= version
            : entry.Status == Truth.StatusOf(user) && (version == 0 || entry.Version == version);
    }

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        _acked[session.Index] = _context.Loop.Now;
        Truth.Returned(session.Index);
    }

    public void OnLost(Session session) => Truth.Forget(session.Index);

    public void OnAck(Session session, ulong requestId, ulong version)
    {
        _acked[session.Index] = _context.Loop.Now;
        Truth.Acked(session.Index, version);
    }

    public void OnRefused(Session session, ulong requestId) => Truth.Refused(session.Index);
}
