using System.Buffers;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Pacing;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Attacks;

/// <summary>Does one attack on one connection after another, and heeds no word of the server about when to come back.</summary>
/// <param name="index">Its number among all attackers, from 0.</param>
internal sealed class Attacker(int index, ulong userId, Attack attack, AttackCounts counts, AttackPlan plan) : IConnectionEvents, IDeadline, IDisposable
{
    /// <summary>From the end of one connection to the next: soon, and not so soon that the machine is busy with nothing else.</summary>
    private static readonly TimeSpan _comesBackAfter = TimeSpan.FromSeconds(1);

    private Connection? _connection;
    private TimeSpan _openedAt;
    private TimeSpan _openAgainAt;
    private ulong _requests;
    private string? _toldWhy;
    private bool _isConnected;
    private bool _isStopped;

    public ulong UserId => userId;

    public AttackPlan Plan => plan;

    /// <summary>Calls of <see cref="Attack.Act"/> on this connection.</summary>
    public int Acts { get; private set; }

    /// <summary>What an attack keeps between two acts, from 0 on each connection.</summary>
    public int Step { get; set; }

    /// <returns>The id of a new request.</returns>
    public ulong TakeRequest() => ++_requests;

    public void Send(ReadOnlySpan<byte> bytes)
    {
        counts.SentBytes += bytes.Length;
        _connection?.Send(bytes);
    }

    /// <summary>Hello of its own user, with a token that is good.</summary>
    public void SendHello() => Send(Frames.Hello(plan.Tokens.Mint(userId)));

    /// <summary>Loses the connection without a word; it is not counted as ended by the server.</summary>
    public void Abandon() => Close(plan.Loop.Now);

    /// <summary>Ends the attack for good.</summary>
    public void Dispose()
    {
        _isStopped = true;
        Close(plan.Loop.Now);
    }

    public TimeSpan? OnDue(TimeSpan now)
    {
        if (_isStopped)
        {
            return null;
        }

        if (_connection is null && now >= _openAgainAt)
        {
            Open(now);
        }
        else if (_isConnected)
        {
            Acts++;
            attack.Act(this);
        }

        return _connection is null ? _openAgainAt : now + attack.Period;
    }

    public void OnConnected()
    {
        _isConnected = true;
        attack.Begin(this);
    }

    public void OnFrame(ReadOnlySpan<byte> payload)
    {
        if ((attack.Manners & ConnectionManners.Raw) != 0)
        {
            attack.Hear(this, payload);
        }
        // Entries are of no interest to it, and most of what comes.
        else if (!PresenceBatchReader.TryBegin(payload, out _)
            && ServerFrames.TryParse(new ReadOnlySequence<byte>(payload.ToArray()), out ServerFrame? frame, out _))
        {
            Take(frame);
        }
    }

    /// <summary>The server has let this connection in.</summary>
    public void Entered() => counts.Entered++;

    public void OnLost(string reason)
    {
        counts.Ended.Add(_toldWhy ?? reason);
        Close(plan.Loop.Now);
    }

    private void Open(TimeSpan now)
    {
        (_openedAt, _toldWhy, Acts, Step) = (now, null, 0, 0);
        counts.Opened++;
        _connection = new Connection(plan.Loop, this, attack.Manners);
        _connection.Open(attack.IsOverWebSocket ? plan.WebSocket! : plan.Servers[index], plan.Servers.SourceOf(index));
    }

    private void Take(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Welcome:
                Entered();
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                _toldWhy = CloseCodes.Name(frame.GoAway.CloseCode);
                break;
        }
    }

    private void Close(TimeSpan now)
    {
        if (_connection is not { } connection)
        {
            return;
        }

        (_connection, _isConnected, _openAgainAt) = (null, false, now + _comesBackAfter);
        TimeSpan life = now - _openedAt;
        counts.LongestLife = life > counts.LongestLife ? life : counts.LongestLife;
        connection.Reset();
    }
}
