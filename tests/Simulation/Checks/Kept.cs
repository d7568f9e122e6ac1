using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// Nothing acknowledged is lost (P7): what a status was acknowledged for is durable by then, and the next process finds it, or what came after it. And the last
/// sign of life that a process has left is never of later and hardly of before its end (P5).
/// </summary>
internal sealed class Kept(World world)
{
    // A watermark a second, which a turn, a commit and a sync make a little later.
    private const long WithinMs = 2_000;

    private long _beganMs;
    private long _diedMs;
    private long _diedAtWallMs;

    /// <summary>An explicit status has been taken by the shard; what it was stored as is known by the end of the turn unless it waits there.</summary>
    /// <param name="user">Of whom.</param>
    /// <param name="connection">By whom.</param>
    /// <param name="requestId">By which it is answered.</param>
    /// <param name="status">What.</param>
    /// <param name="waits">Nobody outside can see when it is applied.</param>
    /// <param name="isChoice">It is known to decide whether the user is invisible, unless it is OFFLINE.</param>
    public static void Said(TrueUser user, TrueConnection connection, ulong requestId, Status status, bool waits, bool isChoice = true)
    {
        connection.Said[requestId] = new(status, waits ? null : user.History.Count);
        if (status == Status.Offline)
        {
            return;
        }

        user.LastChoice = isChoice ? (connection, requestId) : default;
        if (user.MustBeInvisible != (status == Status.Invisible))
        {
            user.MustBeInvisible = null;
        }
    }

    /// <summary>A request was answered with an Ack.</summary>
    public void Acked(TrueConnection connection, ulong requestId, ulong version)
    {
        if (connection.User is not { } user || !connection.Said.Remove(requestId, out SaidStatus said))
        {
            return;
        }

        if (said.StoredBefore is { } count)
        {
            user.History.Promise(count);
        }
        else
        {
            user.History.PromiseVersion(version);
        }

        if (user.LastChoice == (connection, requestId))
        {
            user.MustBeInvisible = said.Status == Status.Invisible;
        }

        Check(user, world.Disk.Durable(user.Id), "is acknowledged and not durable");
    }

    /// <summary>
    /// A checkpoint is complete. What it has before the journal, whose disk is slower, was not acknowledged: it may yet give way to what the journal has under the
    /// same version.
    /// </summary>
    public void Checkpointed(Checkpoint checkpoint)
    {
        foreach (UserRecord record in checkpoint.Records.Values)
        {
            UserRecord journaled = world.Disk.Journaled[record.UserId];
            if (journaled == record || journaled.Version > record.Version)
            {
                world.Truth.Of(record.UserId).History.PromiseRecord(record);
            }
        }
    }

    /// <summary>The process has ended in order: if the disk took its last checkpoint, all is as it was.</summary>
    public void Closed()
    {
        if (!world.Disk.CheckpointsFail && !world.Disk.WritesFail)
        {
            foreach (TrueUser user in world.Truth.Users)
            {
                user.History.Promise(user.History.Count);
            }
        }
    }

    /// <summary>The process is gone.</summary>
    public void Died() => (_diedMs, _diedAtWallMs) = (world.Agenda.Now, world.Wall.Now);

    /// <summary>Another process has begun.</summary>
    public void Began()
    {
        bool wasLate = _diedMs - Math.Max(_beganMs, world.Faults.LateUntilMs) < WithinMs + WithinMs;
        long lost = _diedAtWallMs - world.Node.Store.LastWatermarkMs;
        if (_diedMs > 0 && !world.Wall.HasStepped && (lost < 0 || (lost > WithinMs && !wasLate)))
        {
            throw new ViolationException("P5", $"the last sign of life of the process before is {lost} ms before its end");
        }

        _beganMs = world.Agenda.Now;
    }

    /// <summary>Another process has found this of a user.</summary>
    public void Found(TrueUser user, in UserRecord record)
    {
        Check(user, record, "was acknowledged, or durable, and is lost");
        bool isInvisible = (record.Flags & UserRecordFlags.Invisible) != 0;
        if (user.MustBeInvisible is { } must && must != isInvisible)
        {
            throw new ViolationException("P7", $"that it is {(must ? "invisible" : "visible")} was acknowledged, and is lost: {user}");
        }

        user.History.BeginWith(record);
        (user.MustBeInvisible, user.LastChoice) = (isInvisible, default);
    }

    private void Check(TrueUser user, in UserRecord found, string what)
    {
        // Of one version the latest times are kept: where the clock was set back, and of the true time of who is or was invisible under it, those need not be the last.
        bool mayBeLater = world.Wall.HasStepped || user.History.WasInvisible(found.Version);
        if (!user.History.MayBe(found, mayBeLater))
        {
            throw new ViolationException("P7", $"what {what}: {user}; there is {found} of {user.History}");
        }
    }
}

/// <summary>An explicit status that the shard has taken and not answered.</summary>
/// <param name="Status">What was said.</param>
/// <param name="StoredBefore">What had been stored of the user when it was applied, it included; null when nobody outside can see when that is.</param>
internal readonly record struct SaidStatus(Status Status, int? StoredBefore);
