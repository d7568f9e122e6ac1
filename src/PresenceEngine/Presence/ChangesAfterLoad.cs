using System.Diagnostics.CodeAnalysis;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// What was asked of users while the store had not said yet what it keeps of them, in the order it was asked. Invariant: every user in here is Loading.
/// </summary>
internal sealed class ChangesAfterLoad
{
    private readonly Dictionary<ulong, Waiting> _waiting = [];

    /// <param name="change">What is asked.</param>
    /// <param name="said">What its device had said before the first that waits; null without a device.</param>
    /// <returns>The one that made room for it when as many wait as may: nothing is done of it.</returns>
    public StatusChange? Add(StatusChange change, Status? said)
    {
        Waiting waiting = Of(change.UserId);
        said = waiting.Said.TryGetValue(change.DeviceKey, out Status last) ? last : said;
        change.WasRepetition = said is { } before && change.Repeats(before);
        waiting.Said[change.DeviceKey] = change.Status;
        return WaitingChanges.Add(waiting.Changes, change);
    }

    /// <summary>A device has gone: one that comes with its key says all it says anew.</summary>
    public void Left(ulong userId, ulong deviceKey)
    {
        if (_waiting.TryGetValue(userId, out Waiting? waiting))
        {
            waiting.Said.Remove(deviceKey);
        }
    }

    /// <summary>
    /// A session of the user has come hidden. Taken however many wait: nobody may see it because others asked too much. At most one beyond
    /// the limit, because what hides already needs no second word.
    /// </summary>
    public void Hide(ulong userId)
    {
        List<StatusChange> changes = Of(userId).Changes;
        if (changes is not [.., { Status: Status.Invisible }])
        {
            changes.Add(new Hiding(userId));
        }
    }

    public bool TryTake(ulong userId, [NotNullWhen(true)] out List<StatusChange>? changes)
    {
        changes = _waiting.Remove(userId, out Waiting? waiting) ? waiting.Changes : null;
        return changes is not null;
    }

    private Waiting Of(ulong userId)
    {
        if (!_waiting.TryGetValue(userId, out Waiting? waiting))
        {
            _waiting[userId] = waiting = new Waiting();
        }

        return waiting;
    }

    /// <summary>Of one user.</summary>
    private sealed class Waiting
    {
        public List<StatusChange> Changes { get; } = [];

        /// <summary>What each device said last.</summary>
        public Dictionary<ulong, Status> Said { get; } = [];
    }

    /// <summary>A part of a Hello: nobody waits for its answer, and it is no change of its own to the user's rate.</summary>
    internal sealed class Hiding(ulong userId) : StatusChange(Status.Invisible, text: null)
    {
        internal override ulong UserId => userId;

        internal override ulong DeviceKey => Recovery.PhantomKey;

        internal override void Apply(Shard shard)
        {
        }

        internal override void Applied(Outbox outbox, in PresenceState visible)
        {
        }

        internal override void Refused(Outbox outbox, int allowed)
        {
        }

        internal override void NotDurable(Outbox outbox)
        {
        }
    }
}
