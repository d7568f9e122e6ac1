using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// What becomes of statuses that are said on purpose. Where the server delays them nobody outside can see when one is applied: until its answer is written
/// both the old and the new one are true.
/// </summary>
internal sealed class Statuses(ShardOptions options)
{
    private readonly bool _delays = options.StatusChanges > 0;

    /// <summary>After so much engine time what was delayed has been applied.</summary>
    public long WaitMs => options.StatusChangesPerMs + 1_000;

    public void Take(TrueUser user, DelayedStatus said, TrueTurn turn)
    {
        if (!_delays || said.Status is Status.Offline or Status.Invisible)
        {
            Settle(user, said.Status == Status.Invisible ? _ => true : other => other.Device == said.Device, turn);
            Apply(user, said, turn);
            return;
        }

        user.Delayed.Add(said);
        said.Device.Status |= StatusSet.Of(said.Status);
        user.MayBeVisible |= user.IsInvisible;
        if (user.Find(0) is { } phantom)
        {
            phantom.MayBeReplaced = true;
        }
    }

    /// <summary>An answer has been written: the change has been applied, and those of its device that came before it.</summary>
    public static void Answered(TrueUser user, TrueConnection connection, ulong requestId, TrueTurn turn)
    {
        if (user.Delayed.Find(delayed => delayed.Connection == connection && delayed.RequestId == requestId) is { } said)
        {
            int at = user.Delayed.IndexOf(said);
            Settle(user, other => other.Device == said.Device && user.Delayed.IndexOf(other) <= at, turn);
        }
    }

    /// <summary>What has waited for too long has been applied.</summary>
    public static void Expire(TrueUser user, TrueTurn turn)
    {
        if (user.Delayed.Count > 0)
        {
            Settle(user, delayed => delayed.UntilMs <= turn.EngineMs, turn);
        }
    }

    /// <summary>Applies what has waited, in order.</summary>
    public static void Settle(TrueUser user, Predicate<DelayedStatus> which, TrueTurn turn)
    {
        if (user.Delayed.FindAll(which) is { Count: > 0 } settled)
        {
            user.Causes += settled.Count;
            foreach (DelayedStatus said in settled)
            {
                said.Device.SettledAtMs = turn.MonoMs;
                Apply(user, said, turn);
            }

            user.Delayed.RemoveAll(settled.Contains);
            user.Delayed.ForEach(said => said.Device.Status |= StatusSet.Of(said.Status));
        }
    }

    private static void Apply(TrueUser user, DelayedStatus said, TrueTurn turn)
    {
        if (said.Status == Status.Invisible)
        {
            Hide(user, turn);
            return;
        }

        bool leaves = said.Device.IsInFold && said.Status == Status.Offline;
        if (said.Status != Status.Offline)
        {
            user.IsInvisible = user.MayBeVisible = false;
        }

        if (!user.Devices.Contains(said.Device))
        {
            return;
        }

        if (said.Status != Status.Offline)
        {
            Truth.RemovePhantom(user);
        }

        said.Device.Status = StatusSet.Of(said.Status);
        said.Device.MayBeAway = false;
        if (leaves)
        {
            user.Seen(turn.WallMs, turn.WallMs);
        }
    }

    // As after a Goodbye at this moment.
    private static void Hide(TrueUser user, TrueTurn turn)
    {
        if (!user.IsInvisible && user.Devices.Exists(device => device.IsInFold))
        {
            user.Seen(user.Devices.Exists(device => device.IsSurelyInFold) ? turn.WallMs : -1, turn.WallMs);
        }

        (user.IsInvisible, user.MayBeVisible) = (true, false);
    }
}
