using System.Diagnostics.CodeAnalysis;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// What was asked of users while the store had not said yet what it keeps of them, in the order it was asked. Invariant: every user in here is Loading.
/// </summary>
internal sealed class ChangesAfterLoad
{
    private readonly Dictionary<ulong, List<StatusChange>> _waiting = [];

    /// <returns>The one that made room for it when as many wait as may: nothing is done of it.</returns>
    public StatusChange? Add(StatusChange change) => WaitingChanges.Add(Of(change.UserId), change);

    /// <summary>
    /// A session of the user has come hidden. Taken however many wait: nobody may see it because others asked too much. At most one beyond
    /// the limit, because what hides already needs no second word.
    /// </summary>
    public void Hide(ulong userId)
    {
        List<StatusChange> changes = Of(userId);
        if (changes is not [.., { Status: Status.Invisible }])
        {
            changes.Add(new Hiding(userId));
        }
    }

    public bool TryTake(ulong userId, [NotNullWhen(true)] out List<StatusChange>? changes) => _waiting.Remove(userId, out changes);

    private List<StatusChange> Of(ulong userId)
    {
        if (!_waiting.TryGetValue(userId, out List<StatusChange>? changes))
        {
            _waiting[userId] = changes = [];
        }

        return changes;
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
