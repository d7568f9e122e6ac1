using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>An overloaded node does without what its step says, and without nothing else: never without a change of presence (P8).</summary>
internal static class Shedding
{
    public static void Check(TrueTurn turn, ShardOptions options)
    {
        OverloadStep highest = turn.Steps.Max();
        foreach (((TrueConnection connection, ulong requestId), string which) in turn.Shed)
        {
            if (highest < (which == Overload.Reads ? OverloadStep.Reads : OverloadStep.Texts))
            {
                throw new ViolationException("P8", $"request {requestId} of {connection.User} was refused for {which} in step {highest}");
            }
        }

        foreach (uint told in turn.Told)
        {
            if (!turn.Steps.Exists(step => told == IntervalMs(step, options)))
            {
                throw new ViolationException("P8", $"a heartbeat interval of {told} was asked for in step {highest}");
            }
        }
    }

    /// <summary>A status that was refused would have changed a text, and nothing that others are there for.</summary>
    public static void CheckIsTextAlone(TrueConnection connection, StatusSays says)
    {
        bool isRight = connection.Device is not { } device || (device.Status.Has(says.Status) && says.Status is not (Status.Offline or Status.Invisible));
        if (!isRight)
        {
            throw new ViolationException("P8", $"{says} was refused under load: {connection.User}");
        }
    }

    // Twice d, then four times, as far as is allowed.
    private static long IntervalMs(OverloadStep step, ShardOptions options) =>
        step == OverloadStep.None ? options.HeartbeatIntervalMs
        : Math.Min((step == OverloadStep.Heartbeats ? 2 : 4) * options.HeartbeatIntervalMs, options.MaxHeartbeatIntervalMs);
}
