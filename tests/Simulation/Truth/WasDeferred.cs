using Presence.Engine;

namespace Presence.Simulation;

/// <summary>A device that was here before has said Hello, and was given a slot: it is held until that and h beyond it.</summary>
/// <param name="deferred">What the shard is told.</param>
/// <param name="heardMs">When the Hello was read, on the monotonic clock.</param>
internal sealed class WasDeferred(SessionDeferred deferred, long heardMs) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueUser user = truth.Of(deferred.UserId);
        long dueMs = turn.EngineMs + deferred.SlotMs + truth.Options.HoldMs;
        turn.Touch(user);
        truth.Trace.Note(user.Id, $"device {deferred.DeviceKey} is to come in {deferred.SlotMs} ms, held until {dueMs}");
        if (user.Find(deferred.DeviceKey) is { } device)
        {
            HoldOn(truth, device, dueMs, turn);
        }
        else if (turn.EngineMs < truth.Of(turn.Thread).RecoveringUntilMs && user.Find(0) is { } phantom)
        {
            // What stands for it is for the others too: whoever comes last.
            phantom.DueMs = Math.Max(phantom.DueMs, dueMs);
        }
    }

    // Where it lingers on another connection, its client has left that.
    private void HoldOn(Truth truth, TrueDevice device, long dueMs, TrueTurn turn)
    {
        if (device.Connection is { } older)
        {
            truth.Hold(older, turn);
        }

        device.MayHaveGone |= device.MayBeGone;
        (device.SeenMs, device.LaterMs, device.DueMs) = (heardMs, 0, dueMs);
    }
}
