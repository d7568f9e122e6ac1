using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Who of this shard is shown as there? Looks through a bounded part of its users, so that it never holds up a turn: ask again from
/// <see cref="PresentUsersResult.Next"/> until it is negative. Who changes meanwhile is in one of the answers as before or as after, or in none: the transition
/// says it.
/// </summary>
/// <param name="from">0, or where the answer before left off.</param>
/// <param name="answer">Called once, on the shard's thread; must neither block nor throw.</param>
public sealed class PresentUsers(int from, Action<PresentUsersResult> answer) : ReadRequest([])
{
    // Slots of users that one message looks at: at most half a millisecond, when all of them are there.
    private const int Slice = 4_096;

    internal override void Apply(Shard shard)
    {
        UserTable users = shard.Users;
        int end = Math.Min(users.HighWater, from + Slice);
        List<PresenceState> present = [];
        for (int entry = from; entry < end; entry++)
        {
            ref UserEntry user = ref users[entry];
            bool may = user.Visible.Value != Status.Offline && !user.Has(UserFlags.Loading);
            // Costs a look-up, and is asked last.
            if (may && users.IsUsed(entry))
            {
                present.Add(shard.Presences.StateOf(entry));
            }
        }

        answer(new(present, end == users.HighWater ? -1 : end, shard.Versions.Last));
    }
}

/// <param name="Present">In no order.</param>
/// <param name="Next">Where to go on; negative: this shard has been looked through.</param>
/// <param name="Clock">The shard's: what is said here is durable when a watermark is that is not below it.</param>
public readonly record struct PresentUsersResult(IReadOnlyList<PresenceState> Present, int Next, ulong Clock);
