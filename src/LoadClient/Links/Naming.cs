using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>
/// Names the set of a link in the order of the places, at the rate of the ramp: at first, and again when gateway or server has forgotten
/// it. Each user is named with the status it has, so that nobody sees a change.
/// </summary>
internal sealed class Naming(GatewayLink gateway, LinkUsers users, PlannedTruth truth, LinkScratch scratch)
{
    private static readonly Status[] _statuses = [Status.Online, Status.Away, Status.Busy, Status.Offline];

    private PlacePace? _pace;
    private bool _mustComplete;

    /// <summary>Users named by the naming that goes on, or by the last.</summary>
    public long Named => _pace?.Taken ?? 0;

    public bool IsDone => _pace is { IsDone: true };

    /// <summary>How far behind its time the ramp is.</summary>
    public TimeSpan Behind(TimeSpan now) => IsDone ? TimeSpan.Zero : _pace?.Behind(now) ?? TimeSpan.Zero;

    public void Start(TimeSpan now, double perSecond, bool mustComplete)
    {
        _pace = new PlacePace(users.Count, perSecond, now, first: 0, rounds: false);
        _mustComplete = mustComplete;
    }

    public void Say(TimeSpan now)
    {
        if (_pace is null || _pace.IsDone)
        {
            return;
        }

        while (gateway.HasRoomFor(gateway.MostIds) && _pace.TryTake(now, gateway.MostIds, out long place, out int count))
        {
            Say(place, count);
        }

        if (_pace.IsDone && _mustComplete)
        {
            gateway.SayComplete();
        }
    }

    private void Say(long place, int count)
    {
        if (truth.IsUntouched)
        {
            gateway.Say(SessionsVerb.Up, scratch.UserIds.AsSpan(0, users.Fill(scratch.UserIds, place, count)), Status.Online);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            scratch.Statuses[i] = truth.StatusOf(users.At(place + i));
        }

        foreach (Status status in _statuses)
        {
            int filled = Fill(place, count, status);
            if (filled > 0)
            {
                Say(status, scratch.UserIds.AsSpan(0, filled));
            }
        }
    }

    // Who is down is said to be down: a server that remembers the set may have missed it.
    private void Say(Status status, ReadOnlySpan<ulong> userIds)
    {
        if (status == Status.Offline)
        {
            gateway.Say(SessionsVerb.Down, userIds);
        }
        else
        {
            gateway.Say(SessionsVerb.Up, userIds, status);
        }
    }

    private int Fill(long place, int count, Status status)
    {
        int filled = 0;
        for (int i = 0; i < count; i++)
        {
            if (scratch.Statuses[i] == status)
            {
                scratch.UserIds[filled++] = users.IdAt(place + i);
            }
        }

        return filled;
    }
}
