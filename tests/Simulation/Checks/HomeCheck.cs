using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The home's word, at the end of every turn in which it spoke: it is the truth (P3, P4, P6), there is a cause for each transition, and the last-active time is
/// right (P5).
/// </summary>
internal sealed class HomeCheck(World world)
{
    // From when the store has loaded a user until its home has heard of it, and what it said before is written.
    private const long MomentMs = 1_000;

    public void Check(TrueTurn turn, ShardTruth shard)
    {
        for (int i = 0; i < turn.Stored.Count; i++)
        {
            Stored stored = turn.Stored[i];
            (UserRecord record, Shown before, _) = stored;
            TrueUser user = world.Truth.Of(record.UserId);
            CheckChange(user, stored);
            if (user.LastStored == i)
            {
                CheckLast(user, record, before, turn);
            }
        }

        CheckWelcomes(turn);
    }

    /// <summary>What is written to a client of others is what their home has said under that version.</summary>
    public void CheckEntries(ServerConnection connection, PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            if (entry.UserId == connection.Truth.UserId)
            {
                continue;
            }

            if (entry.Status == Status.Unknown && world.Truth.IsUnheard(entry.UserId, MomentMs))
            {
                continue;
            }

            Shown shown = Shown.Of(entry);
            if (world.Truth.Of(entry.UserId).Said(entry.Version) is not { } said || said != shown)
            {
                throw new ViolationException(
                    "P2", $"{connection.Truth.UserId} was told that user {entry.UserId} is {shown} under version {entry.Version}; its home never said so");
            }
        }
    }

    /// <summary>What the home said last is what the truth may be.</summary>
    public static void CheckTruth(TrueUser user, TrueTurn turn)
    {
        if (user.MayBe(user.Shown.Status, user.Shown.Kinds))
        {
            return;
        }

        string promise = user.IsInvisible ? "P9" : user.Shown.Status == Status.Offline ? "P3" : user.Devices.Count == 0 ? "P4" : "P6";
        throw new ViolationException(promise, $"{user} at engine time {turn.EngineMs}");
    }

    // One transition for each cause at the most, and none that changes nothing.
    private static void CheckChange(TrueUser user, in Stored stored)
    {
        if (stored.IsNew && !user.HasTexts && Shown.Of(stored.Record) == stored.Before)
        {
            throw new ViolationException("P3", $"a transition of {user} that changes nothing");
        }
    }

    private void CheckLast(TrueUser user, in UserRecord record, Shown before, TrueTurn turn)
    {
        if (user.Transitions > user.Causes && !turn.Loaded.Contains(user.Id))
        {
            throw new ViolationException("P3", $"{user.Transitions} transitions for {user.Causes} causes: {user}");
        }

        if (!world.Truth.IsLoaded(user))
        {
            return;
        }

        CheckTruth(user, turn);
        bool isInvisible = (record.Flags & UserRecordFlags.Invisible) != 0;
        if (isInvisible != user.IsInvisible && !user.MayBeVisible)
        {
            throw new ViolationException("P7", $"stored as {(isInvisible ? "invisible" : "visible")}: {user}");
        }

        CheckLastActive(user, record, before, isInvisible);
    }

    private void CheckLastActive(TrueUser user, in UserRecord record, Shown before, bool isInvisible)
    {
        if ((Status)record.Status != Status.Offline || record.LastActiveMs < 0)
        {
            return;
        }

        if (before.Status == Status.Offline && record.LastActiveMs < before.LastActiveMs)
        {
            throw new ViolationException("P5", $"last active went back from {before.LastActiveMs} to {record.LastActiveMs}: {user}");
        }

        bool isHidden = isInvisible || user.IsInvisible;
        bool isExact = record.LastActiveMs >= user.LastActive.Low - 1 && record.LastActiveMs <= user.LastActive.High + 1;
        if (!isHidden && !isExact && !world.Wall.HasStepped && !user.Devices.Exists(device => device.MayBeGone || device.MayBeReplaced))
        {
            throw new ViolationException(
                "P5", $"last active is {record.LastActiveMs}, which should be {user.LastActive} (off by {record.LastActiveMs - user.LastActive.High}): {user}");
        }
    }

    // Resumed means only: no transition happened.
    private static void CheckWelcomes(TrueTurn turn)
    {
        foreach ((ServerConnection connection, SessionWelcome welcome) in turn.Welcomed)
        {
            TrueUser user = connection.Truth.User!;
            if (welcome.Resumed && user.Causes == 1 && !turn.Loaded.Contains(user.Id) && user.Transitions > 0 && !user.HasTexts)
            {
                throw new ViolationException("P3", $"a session was resumed and seen all the same: {user}");
            }

            if (connection.Truth.Device is not { } device)
            {
                continue;
            }

            if (welcome.SessionId <= device.SessionId)
            {
                throw new ViolationException("P2", $"session {welcome.SessionId} is not above {device.SessionId} of the same device: {user}");
            }

            device.SessionId = welcome.SessionId;
        }
    }
}
