using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Tests.Links.Fakes;

/// <summary>Who is what, by the last word about it.</summary>
internal sealed class FakeUsers
{
    private readonly Dictionary<ulong, (Status Status, ulong Version)> _users = [];
    private ulong _version;

    /// <summary>Users that were beaten while up.</summary>
    public HashSet<ulong> Beaten { get; } = [];

    /// <summary>Users that a beat brought up: the generator must not beat who is down.</summary>
    public long BeatenUp { get; private set; }

    public int Up => _users.Values.Count(static user => user.Status != Status.Offline);

    public PresenceEntry this[ulong userId]
    {
        get
        {
            (Status status, ulong version) = _users.GetValueOrDefault(userId, (Status.Offline, 0UL));
            return new PresenceEntry { UserId = userId, Status = status, Version = version };
        }
    }

    /// <summary>Takes a frame of a gateway.</summary>
    /// <returns>The transitions.</returns>
    public List<PresenceEntry> Take(in SessionsFrame frame)
    {
        List<PresenceEntry> transitions = [];
        foreach (ulong userId in frame.Users)
        {
            Status before = this[userId].Status;
            Status after = frame.Verb switch
            {
                SessionsVerb.Down => Status.Offline,
                SessionsVerb.Up when frame.Status != Status.Unspecified => frame.Status,
                _ => before == Status.Offline ? Status.Online : before,
            };
            if (frame.Verb == SessionsVerb.Beat)
            {
                Beaten.Add(userId);
                BeatenUp += before == Status.Offline ? 1 : 0;
            }

            if (before != after)
            {
                transitions.Add(Set(userId, after));
            }
        }

        return transitions;
    }

    public PresenceEntry Set(ulong userId, Status status)
    {
        _users[userId] = (status, ++_version);
        return this[userId];
    }
}
