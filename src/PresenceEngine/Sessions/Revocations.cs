using Presence.V1;

namespace Presence.Engine;

/// <summary>From now on these tokens are revoked: every session of theirs ends, and none begins.</summary>
/// <param name="revoked">All that are revoked, those of before too.</param>
/// <param name="onlyUser">Nobody else's sessions are newly concerned; null: any may be.</param>
public sealed class TokensRevoked(RevokedTokens revoked, ulong? onlyUser) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Revocations.Take(revoked, onlyUser);
}

/// <summary>
/// Ends the sessions of revoked tokens: at once and without a hold (P4). Those of one user are looked up; any other revocation walks the shard's connections and
/// then its held devices, a bounded part a turn. Whoever comes during the walk is judged when it comes, and a connection that is lost meanwhile is found among the
/// held, which are walked last.
/// </summary>
/// <remarks>
/// Users on a gateway link have no token here: they stay, whatever is revoked. The link itself is closed by the host and its set held, because its gateway
/// comes back with another token.
/// </remarks>
internal sealed class Revocations(Shard shard)
{
    // A look is a cache miss, an end is a transition and a close: together well below a turn.
    private const int LooksATurn = 2_048;
    private const int EndsATurn = 128;

    private RevokedTokens _revoked = RevokedTokens.None;

    // What is left of the walk: connections below, then held devices below.
    private int _connectionsLeft;
    private int _heldLeft;

    /// <summary>There is more to do than fits a turn.</summary>
    public bool HasWork => _connectionsLeft > 0 || _heldLeft > 0;

    public TokensOfHeld Held { get; } = new();

    public bool Concerns(ulong userId, in TokenMark token) => _revoked.Concerns(userId, token);

    /// <summary>Whether nothing of this user may be up.</summary>
    public bool Bans(ulong userId) => _revoked.Bans(userId);

    public void Take(RevokedTokens revoked, ulong? onlyUser)
    {
        _revoked = revoked;
        if (onlyUser is { } userId)
        {
            End(userId);
        }
        else
        {
            _connectionsLeft = shard.Connections.All.Length;
            // Leases need no connection.
            _heldLeft = _connectionsLeft == 0 ? Held.Count : 0;
            Advance();
        }
    }

    /// <summary>Goes on with the walk.</summary>
    public void Advance()
    {
        int looks = LooksATurn, ends = EndsATurn;
        while (_connectionsLeft > 0 && looks-- > 0 && ends > 0)
        {
            ends -= Judge(shard.Connections.All[--_connectionsLeft]) ? 1 : 0;
            _heldLeft = _connectionsLeft == 0 ? Held.Count : 0;
        }

        while (_heldLeft > 0 && looks-- > 0 && ends > 0)
        {
            // Others may have come back, or ended, since the turn before.
            _heldLeft = Math.Min(_heldLeft, Held.Count) - 1;
            ends -= _heldLeft >= 0 && JudgeHeld(_heldLeft) ? 1 : 0;
        }
    }

    /// <summary>Turns away a session whose token was revoked since it was judged.</summary>
    public bool Refuses(SessionUp up)
    {
        bool refuses = Concerns(up.UserId, up.Token);
        if (refuses)
        {
            shard.Counters.SessionsRefused++;
            shard.Edge.Reject(up.Connection, Errors.Revoked(), CloseCode.Revoked);
        }

        return refuses;
    }

    /// <summary>Ends the session of a connection if its token, or the one that is to take its place, is revoked.</summary>
    public bool Ends(ConnectionPort connection, in TokenMark token)
    {
        bool ends = Concerns(connection.UserId, token);
        if (ends)
        {
            EndDevice(connection.Node);
        }

        return ends;
    }

    private bool Judge(ConnectionPort? connection) => connection is { Node: >= 0 } && Ends(connection, connection.Token);

    private bool JudgeHeld(int place)
    {
        (int node, TokenMark token) = Held[place];
        bool ends = Concerns(shard.Users[shard.Users.OwnerOf(node)].UserId, token);
        if (ends)
        {
            EndDevice(node);
        }

        return ends;
    }

    // It is gone now, without a hold, and whatever it speaks through is told not to come back.
    private void EndDevice(int node)
    {
        ref Device device = ref shard.Users.DeviceAt(node);
        ConnectionPort? connection = device.Connection >= 0 ? shard.Connections[device.Connection] : null;
        // When a user of before a restart was last seen is known already.
        bool recovers = device.State == DeviceState.Recovering;
        ulong userId = shard.Users[shard.Users.OwnerOf(node)].UserId;
        long seenMs = recovers ? -1 : shard.Time.WallAt(shard.Edge.LastSeen(device));
        shard.Edge.Down(node, seenMs, TransitionCause.Revoked);
        if (recovers)
        {
            shard.Deferrals.Recovered(userId);
        }

        if (connection is not null)
        {
            shard.Edge.Close(connection, CloseCode.Revoked);
        }
    }

    private void End(ulong userId)
    {
        int entry = shard.Home.HandOver.Follow(userId);
        if (entry >= 0)
        {
            End(entry);
        }
        else if (Bans(userId) && shard.IsRecovering && shard.Topology.EdgeOf(userId) == shard.Address.Shard)
        {
            // Of this shard, it may be shown as before the restart, by its record alone.
            Recovery.TryJudge(shard, userId);
        }
    }

    private void End(int entry)
    {
        ulong userId = shard.Users[entry].UserId;
        foreach (int node in shard.Users.DevicesOf(entry))
        {
            if (IsRevoked(userId, node))
            {
                EndDevice(node);
            }
        }
    }

    // What an operator has set has no token and stays.
    private bool IsRevoked(ulong userId, int node)
    {
        ref Device device = ref shard.Users.DeviceAt(node);
        return device.State == DeviceState.Recovering ? Bans(userId)
            : device.Connection >= 0 ? Concerns(userId, shard.Connections[device.Connection].Token)
            : !device.IsOnLink && Held.TryGet(node, out TokenMark token) && Concerns(userId, token);
    }
}
