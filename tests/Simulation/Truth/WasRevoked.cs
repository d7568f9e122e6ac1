using Presence.Engine;

namespace Presence.Simulation;

/// <summary>Tokens are revoked: whoever came by one is gone at once, without a hold, whether it is connected, held or over HTTP (P4, P9).</summary>
/// <param name="revoked">All that are.</param>
/// <param name="onlyUser">Whose alone may be newly so; null: anybody's.</param>
internal sealed class WasRevoked(RevokedTokens revoked, ulong? onlyUser) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        ShardTruth shard = truth.Of(turn.Thread);
        shard.Revoked = revoked;
        foreach (TrueUser user in shard.Users.Where(user => onlyUser is null || user.Id == onlyUser))
        {
            EndAll(truth, user, turn);
        }
    }

    /// <summary>The token by which a device came is revoked: it is gone, and is told so.</summary>
    public static void End(Truth truth, TrueUser user, TrueDevice device, TrueTurn turn)
    {
        turn.Cause(user);
        TrueConnection? own = device.Connection;
        (long seenMs, long laterMs) = own is null ? (device.SeenMs, device.LaterMs)
            : (own.HeardMs, (own.Port.ReaderPaused ? turn.MonoMs : own.AsGoodAsHeardMs) - own.HeardMs);
        long seenAtMs = turn.WallMs - (turn.MonoMs - seenMs);
        truth.Leave(user, device, (seenAtMs, seenAtMs + laterMs), turn);
        if (own is not null)
        {
            own.IsRevoked = true;
            CheckClosed(own, user);
        }
    }

    /// <summary>Nobody speaks on.</summary>
    public static void CheckClosed(TrueConnection connection, TrueUser user)
    {
        if (connection.ClosedWith is null)
        {
            throw new ViolationException("P9", $"a session of a revoked token goes on: {user}");
        }
    }

    private void EndAll(Truth truth, TrueUser user, TrueTurn turn)
    {
        foreach (TrueDevice device in user.Devices.ToArray())
        {
            if (device.Key != 0 && device.Token is { } token && revoked.Concerns(user.Id, token))
            {
                End(truth, user, device, turn);
            }
        }

        if (revoked.Bans(user.Id) && user.Find(0) is { } phantom)
        {
            EndPhantom(user, phantom, turn);
        }
    }

    // Of users who are not in memory only one who is named is looked at; the others are judged when somebody asks, if they are banned still.
    private void EndPhantom(TrueUser user, TrueDevice phantom, TrueTurn turn)
    {
        turn.Cause(user);
        if (onlyUser is null)
        {
            phantom.MayBeReplaced = true;
        }
        else
        {
            user.Devices.Remove(phantom);
        }
    }
}
