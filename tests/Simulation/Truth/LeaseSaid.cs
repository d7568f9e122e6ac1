using Presence.V1;

namespace Presence.Simulation;

/// <summary>A status over HTTP: its device needs no connection, but to be heard again within d + 2δ.</summary>
internal sealed class LeaseSaid(SimulatedLease request) : TrueEvent
{
    private readonly LeaseSays _says = request.Says;

    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueUser user = truth.Of(_says.UserId);
        request.Caller.User = user;
        turn.Touch(user);
        if (_says.Status == Status.Offline)
        {
            EndAll(truth, user, turn);
            return;
        }

        bool isRevoked = _says.Token is { } token && truth.Of(turn.Thread).Revoked.Concerns(user.Id, token);
        if (isRevoked != (request.RefusedBy == SimulatedLease.ByRevocation))
        {
            throw new ViolationException("P9", $"{_says} is of {(isRevoked ? "a revoked token" : "a token that is good")}, and was {request.RefusedBy ?? "taken"}");
        }

        if (isRevoked)
        {
            return;
        }

        bool isRefused = request.RefusedBy is not null;
        CameUp.CheckRefusal(user, _says.DeviceKey, isRefused, truth.Options.MaxDevices);
        if (!isRefused)
        {
            Renew(truth, user, turn);
        }
    }

    // Whatever the user has over HTTP.
    private void EndAll(Truth truth, TrueUser user, TrueTurn turn)
    {
        foreach (TrueDevice device in user.Devices.FindAll(device => device.IsLease))
        {
            turn.Cause(user);
            truth.Leave(user, device, (turn.WallMs, turn.WallMs), turn);
        }

        Kept.Said(user, request.Caller, _says.RequestId, _says.Status, waits: truth.IsLoading(user, turn));
    }

    private void Renew(Truth truth, TrueUser user, TrueTurn turn)
    {
        truth.Came(user);
        turn.Cause(user);
        TrueDevice device = user.Find(_says.DeviceKey) ?? New(user);
        if (device.IsSurelyInFold)
        {
            Truth.RemovePhantom(user);
        }

        (device.SeenMs, device.DueMs) = (turn.MonoMs, turn.EngineMs + truth.Settings.UsualSilenceMs);
        bool waits = truth.Statuses.Delays(_says.Status) || truth.IsLoading(user, turn);
        bool isRepetition = device.Said == _says.Status;
        device.Said = _says.Status;
        device.Token = _says.Token;
        if (_says.Status == Status.Invisible || waits || !isRepetition)
        {
            Kept.Said(user, request.Caller, _says.RequestId, _says.Status, waits, isChoice: !waits || _says.Status == Status.Invisible);
        }

        var said = new DelayedStatus(request.Caller, _says.RequestId, device, _says.Status) { IsRepetition = isRepetition };
        truth.Statuses.Take(user, said, turn, truth.IsLoading(user, turn));
    }

    // Seen from when its status is applied; who is invisible is not seen at all.
    private TrueDevice New(TrueUser user)
    {
        Status first = _says.Status == Status.Invisible ? Status.Online : Status.Offline;
        var device = new TrueDevice(_says.DeviceKey) { Status = StatusSet.Of(first), IsLease = true, Said = first };
        user.Devices.Add(device);
        return device;
    }
}
