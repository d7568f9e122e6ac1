using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// Which of these users are as the store has recorded them, because they were online before a restart and have not come into memory since? So they are until they
/// come back, which is no transition, or the sweep finds that they did not, which is one: when their time is over is not asked.
/// </summary>
/// <param name="records">Of this shard's users, recorded as not OFFLINE; at most a slice of a <see cref="PresentWalk"/>.</param>
/// <param name="answer">Called once, on the shard's thread; must neither block nor throw.</param>
public sealed class RecoveringUsers(UserRecord[] records, Action<IReadOnlyList<PresenceState>> answer) : ReadRequest([])
{
    internal override void Apply(Shard shard)
    {
        List<PresenceState> recovering = [];
        foreach (UserRecord record in records)
        {
            // One that is being loaded goes on as it was recorded, or there is a transition.
            int entry = shard.Users.Find(record.UserId);
            bool may = entry < 0 || shard.Users[entry].Has(UserFlags.Loading);
            if (may && !shard.Revocations.Bans(record.UserId))
            {
                recovering.Add(record.Visible(text: null));
            }
        }

        answer(recovering);
    }
}
