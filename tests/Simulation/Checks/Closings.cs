using Presence.V1;

namespace Presence.Simulation;

/// <summary>Nobody is closed without the reason that is given (P3), and whoever is closed so is held.</summary>
internal static class Closings
{
    public static void Check(TrueTurn turn, Truth truth)
    {
        foreach (ServerConnection connection in turn.Closed)
        {
            TrueConnection own = connection.Truth;
            bool isRight = own.ClosedWith switch
            {
                CloseCode.Refused => own.Device is null,
                CloseCode.Unspecified or CloseCode.HeartbeatTimeout or CloseCode.Replaced => own.Device is null,
                CloseCode.Revoked => own.IsRevoked && own.Device is null,
                CloseCode.TokenExpired => turn.WallMs >= own.TokenExpiresMs,
                CloseCode.SlowConsumer => own.IsCongested && turn.EngineMs - own.CongestedAtMs >= truth.Options.CongestedForMs,
                CloseCode.Draining => truth.Of(turn.Thread).IsStopping,
                _ => false,
            };
            if (!isRight)
            {
                throw new ViolationException(
                    "P3",
                    $"a connection of {own.User} was closed with {own.ClosedWith} at engine time {turn.EngineMs}; it was heard {turn.MonoMs - own.HeardMs} ms ago, "
                    + $"its token ends {own.TokenExpiresMs - turn.WallMs} ms from now, congested: {own.IsCongested} since {own.CongestedAtMs}");
            }

            CheckSilence(own, turn, truth);
            truth.Hold(own, turn);
        }
    }

    // Never before d + 2δ of time in which we were there, whatever the engine's own clock makes of it.
    private static void CheckSilence(TrueConnection own, TrueTurn turn, Truth truth)
    {
        if (own.ClosedWith != CloseCode.HeartbeatTimeout)
        {
            return;
        }

        long silent = turn.MonoMs - own.HeardMs;
        foreach ((long from, long to) in truth.Of(turn.Thread).StoodStill)
        {
            silent -= Math.Max(0, Math.Min(to, turn.MonoMs) - Math.Max(from, own.HeardMs));
        }

        if (silent < truth.Settings.SilentAfterMs(own.Pace.Of(own.HeardMs)))
        {
            throw new ViolationException("P3", $"closed as silent after {silent} ms in which we were there: {own.User}");
        }
    }
}
