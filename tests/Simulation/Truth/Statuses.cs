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

    // After so much engine time what was delayed has been applied.
    private long WaitMs => options.StatusChangesPerMs + 1_000;

    /// <summary>The server may delay it.</summary>
    public bool Delays(Status status) => _delays && status is not (Status.Offline or Status.Invisible);

    /// <param name="user">Of whom.</param>
    /// <param name="said">What.</param>
    /// <param name="turn">When.</param>
    /// <param name="waits">The user is being loaded, or was in this turn: whatever comes by then comes before it.</param>
    public void Take(TrueUser user, DelayedStatus said, TrueTurn turn, bool waits)
    {
        if (!waits && !Delays(said.Status))
        {
            bool wasSeen = IsSurelySeen(user);
            Settle(user, other => Supersedes(said, other), turn);
            Apply(user, said, turn, wasSeen);
            return;
        }

        said.IsForLoad = waits;
        user.Delayed.Add(said);
        Await(user);
        if (IsVisible(said) && user.Find(0) is { } phantom)
        {
            phantom.MayBeReplaced = true;
        }
    }

    /// <summary>The user was loaded in this turn: what was said by then is done now, or delayed from now on.</summary>
    public void Loaded(TrueUser user, TrueTurn turn)
    {
        List<DelayedStatus> loaded = user.Delayed.FindAll(said => said.IsForLoad);
        if (loaded.Count == 0)
        {
            return;
        }

        // A device of that name that has come meanwhile is taken for the one that has gone.
        loaded.ForEach(said => said.MoveTo(user.Find(said.Device.Key) ?? said.Device));
        Await(user);
        foreach (DelayedStatus said in loaded)
        {
            said.IsForLoad = false;
            if (!Delays(said.Status))
            {
                int at = user.Delayed.IndexOf(said);
                Settle(user, other => user.Delayed.IndexOf(other) is var place && place <= at && (place == at || Supersedes(said, other)), turn);
            }
        }

        // Who was never shown there meanwhile has not left.
        user.LastActive = (-1, Math.Max(user.LastActive.High, turn.WallMs));
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
    public void Expire(TrueUser user, TrueTurn turn)
    {
        foreach (DelayedStatus delayed in user.Delayed)
        {
            delayed.UntilMs = delayed.IsForLoad ? long.MaxValue : Math.Min(delayed.UntilMs, turn.EngineMs + WaitMs);
        }

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
            turn.Cause(user, settled.Count);
            bool wasSeen = IsSurelySeen(user);
            foreach (DelayedStatus said in settled)
            {
                said.Device.SettledAtMs = turn.MonoMs;
                Apply(user, said, turn, wasSeen);
            }

            user.Delayed.RemoveAll(settled.Contains);
            user.MayBeVisible = false;
            Await(user);
        }
    }

    // INVISIBLE shows nothing of what the devices said before; a device's own word is for what it said itself.
    private static bool Supersedes(DelayedStatus said, DelayedStatus other) => said.Status == Status.Invisible || other.Device == said.Device;

    private static bool IsSurelySeen(TrueUser user) => !user.IsInvisible && user.Devices.Exists(device => device.IsSurelyInFold);

    private static bool IsVisible(DelayedStatus said) => said.Status is not (Status.Offline or Status.Invisible);

    // Both what was and what waits may be true.
    public static void Await(TrueUser user)
    {
        foreach (DelayedStatus said in user.Delayed)
        {
            said.Device.Status |= said.Status == Status.Invisible ? default : StatusSet.Of(said.Status);
            user.MayBeVisible |= user.IsInvisible && IsVisible(said);
        }
    }

    private static void Apply(TrueUser user, DelayedStatus said, TrueTurn turn, bool wasSeen)
    {
        if (said.Status == Status.Invisible)
        {
            Hide(user, turn, wasSeen);
            return;
        }

        bool leaves = said.Device.IsInFold && said.Status == Status.Offline;
        if (said.Status != Status.Offline && !said.IsRepetition)
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

        said.Device.Status = said.IsOfAnEarlier ? said.Device.Status | StatusSet.Of(said.Status) : StatusSet.Of(said.Status);
        said.Device.MayBeAway = false;
        if (leaves)
        {
            user.Seen(turn.WallMs, turn.WallMs);
        }
    }

    // As after a Goodbye at this moment; but who came, or chose to be seen, by what waited and gave way to this was not seen meanwhile.
    private static void Hide(TrueUser user, TrueTurn turn, bool wasSeen)
    {
        if (!user.IsInvisible && user.Devices.Exists(device => device.IsInFold))
        {
            user.Seen(wasSeen ? turn.WallMs : -1, turn.WallMs);
        }

        (user.IsInvisible, user.MayBeVisible) = (true, false);
    }
}
