using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a message of the liveness lane means. Applied to the truth when the turn that took it has ended.</summary>
internal abstract class TrueEvent
{
    public abstract void Apply(Truth truth, TrueTurn turn);
}

/// <summary>The port takes connections from now on.</summary>
/// <param name="heldForMs">What the process before has promised, of that.</param>
internal sealed class Accepting(long heldForMs) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        truth.Slots.CheckPromised(heldForMs);
        truth.LongIntervals.CheckHeld(heldForMs);
        truth.Recover(turn, heldForMs);
    }
}

/// <summary>The shard is in this step of overload.</summary>
internal sealed class LoadIs(OverloadStep step) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        turn.Steps.Add(step);
        truth.Of(turn.Thread).Step = step;
    }
}

/// <summary>The process stops in order; nobody expires any more.</summary>
internal sealed class Stopping : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn) => truth.StopExpiring(turn);
}

internal sealed class HasDrained(ServerConnection connection) : TrueEvent
{
    // Unless the same turn has filled it again.
    public override void Apply(Truth truth, TrueTurn turn) => connection.Truth.IsCongested = connection.IsFlushing;
}

/// <summary>A heartbeat with flags.</summary>
internal sealed class Beaten(ServerConnection connection, HeartbeatFlags flags) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        if ((flags & HeartbeatFlags.Active) == 0)
        {
            return;
        }

        connection.Truth.ActiveAtMs = turn.EngineMs;
        if (connection.Truth.Device is { MayBeAway: true } device)
        {
            device.MayBeAway = false;
            turn.Cause(connection.Truth.User!);
        }
    }
}

/// <summary>A frame out of its order: it is answered, and changes nothing.</summary>
internal sealed class HasErred : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
    }
}

internal sealed class TokenIsNew(ServerConnection connection, RefreshSays says) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueConnection own = connection.Truth;
        if (own is not { Device: { } device, User: { } user })
        {
            return;
        }

        if (truth.Of(turn.Thread).Revoked.Concerns(user.Id, says.Token))
        {
            WasRevoked.End(truth, user, device, turn);
            return;
        }

        own.TokenExpiresMs = says.TokenExpiresMs;
        device.Token = says.Token;
    }
}

/// <summary>The reader's last word.</summary>
internal sealed class WasLost(ServerConnection connection) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn) => truth.Hold(connection.Truth, turn);
}

internal sealed class SaidGoodbye(ServerConnection connection) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueConnection own = connection.Truth;
        if (own.User is { } user && (own.Device ?? user.Devices.FirstOrDefault(held => held.Standing == Standing.Held && held.HeldFor == own)) is { } device)
        {
            turn.Cause(user);
            truth.Leave(user, device, (turn.WallMs, turn.WallMs), turn);
        }
    }
}

/// <summary>A device said Hello.</summary>
internal sealed class CameUp(ServerConnection connection, HelloSays hello) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueConnection own = connection.Truth;
        TrueUser user = truth.Of(hello.UserId);
        if (truth.Of(turn.Thread).Revoked.Concerns(hello.UserId, hello.Token))
        {
            own.User = user;
            own.IsRevoked = true;
            WasRevoked.CheckClosed(own, user);
            return;
        }

        bool isRefused = own.ClosedWith == CloseCode.Refused;
        CheckRefusal(user, hello.DeviceKey, isRefused, truth.Options.MaxDevices);
        if (isRefused)
        {
            own.User = user;
            return;
        }

        // What its older connection said and was answered before came before.
        Truth.TakeAnswers(turn, own.AckedBefore);
        turn.Cause(user);
        own.User = user;
        truth.Came(user);
        own.Heard(turn.MonoMs);
        own.ActiveAtMs = turn.EngineMs;
        own.TokenExpiresMs = hello.TokenExpiresMs;
        TrueDevice? known = user.Find(hello.DeviceKey);
        TrueDevice device = known ?? new TrueDevice(hello.DeviceKey) { Status = Before(user, isLoading: truth.IsLoading(user, turn)) };
        if (known is null)
        {
            user.Devices.Add(device);
        }

        TakeOver(user, device, turn, isKnown: known is not null);
        if (device.IsSurelyInFold)
        {
            Truth.RemovePhantom(user);
        }
    }

    /// <summary>A new device is refused when there are as many as may be; those of before a restart may count, or be forgotten until somebody asks.</summary>
    public static void CheckRefusal(TrueUser user, ulong deviceKey, bool isRefused, int most)
    {
        bool isKnown = user.Find(deviceKey) is not null;
        bool mayBe = !isKnown && user.Devices.Count >= most;
        bool mustBe = !isKnown && user.Devices.Count(device => device is { MayBeGone: false, Key: not 0 }) >= most;
        if (isRefused ? !mayBe : mustBe)
        {
            throw new ViolationException("P8", $"{(isRefused ? "refused" : "not refused")} with {user.Devices.Count} devices: {user}");
        }
    }

    // What a device is that says nothing of it and was not here: what was shown before a restart, if that still stands.
    private static StatusSet Before(TrueUser user, bool isLoading)
    {
        StatusSet online = StatusSet.Of(Status.Online);
        return user.Find(0) is { } phantom ? phantom is { MayBeGone: true } or { MayBeReplaced: true } ? phantom.Status | online : phantom.Status
            : isLoading ? user.Before | online
            : online;
    }

    private void TakeOver(TrueUser user, TrueDevice device, TrueTurn turn, bool isKnown)
    {
        (bool mayHaveBeenThere, bool wasThere) = (isKnown && device.IsInFold, isKnown && device.IsSurelyInFold);
        if (device.Connection is { } older)
        {
            older.Device = null;
        }

        device.Connection = connection.Truth;
        connection.Truth.Device = device;
        device.Standing = Standing.Live;
        device.MayHaveGone = false;
        device.Status = hello.InitialStatus != Status.Unspecified ? StatusSet.Of(hello.InitialStatus)
            : device.MayBeGone ? device.Status | StatusSet.Of(Status.Online)
            : device.Status;
        // What waits for the user's rate is not superseded by it.
        user.Delayed.FindAll(said => said.Device == device).ForEach(static said => said.IsBeforeHello());
        Statuses.Await(user);
        device.Kinds = hello.Kind;
        device.Token = hello.Token;
        device.ReportsActivity = hello.ReportsActivity;
        device.MayBeAway = !isKnown && hello is { InitialStatus: Status.Unspecified, ReportsActivity: true } && device.Status.Has(Status.Away);
        if (device.MayBeAway)
        {
            // The next activity of its user ends what may have been set by the server.
            device.Status = device.Status.Without(Status.Away) | StatusSet.Of(Status.Online);
        }

        if (mayHaveBeenThere && device.Status.MayBeOffline)
        {
            // It came back to watch only: this Hello is its last sign of life.
            user.Seen(wasThere && device.Status.IsOffline ? turn.WallMs : -1, turn.WallMs);
        }
    }
}

/// <summary>A status said on purpose.</summary>
internal sealed class StatusSaid(ServerConnection connection, StatusSays says) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueConnection own = connection.Truth;
        if (turn.Shed.ContainsKey((own, says.RequestId)))
        {
            own.ActiveAtMs = turn.EngineMs;
            Shedding.CheckIsTextAlone(own, says);
        }
        else if (own is { Device: { } device, User: { } user })
        {
            turn.Cause(user);
            user.HasTexts |= says.Text is not null;
            own.ActiveAtMs = turn.EngineMs;
            Kept.Said(user, own, says.RequestId, says.Status, waits: truth.Statuses.Delays(says.Status) || truth.IsLoading(user, turn));
            truth.Statuses.Take(user, new(own, says.RequestId, device, says.Status) { IsRepetition = false }, turn, truth.IsLoading(user, turn));
        }
    }
}
