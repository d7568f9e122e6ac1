using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// A gateway: carries a set of users on one link, keeps what is not acknowledged, sends it again where it could resume and names the whole set where it could
/// not. It beats for its set, forgets users now and then, loses its link and comes back, and watches everybody.
/// </summary>
internal sealed class GatewayClient
{
    private readonly World _world;
    private readonly Chance _chance;
    private readonly Dictionary<ulong, (Status Status, DeviceKinds Kinds)> _set = [];
    private readonly Queue<ClientSays> _unacked = new();
    private ulong _seq;
    private int _tries;
    private bool _startsAnew = true;

    public GatewayClient(World world, int number)
    {
        (_world, Number) = (world, number);
        _chance = world.Chance.Of(300_000 + (ulong)number);
        world.Agenda.In(_chance.Between(0, 10_000), Connect);
        Act();
        Beat();
    }

    public int Number { get; }

    public Wire? Wire { get; private set; }

    /// <summary>The server has welcomed it.</summary>
    public bool IsOpen { get; private set; }

    public ClientView View { get; } = new();

    public void Connect()
    {
        if (Wire is not null || _world.IsOver)
        {
            return;
        }

        var wire = new Wire(_world, _chance.Of(1_000 + (ulong)_tries++));
        Wire = wire;
        wire.Client = frame => Arrived(wire, frame);
        _world.Agenda.In(_world.Plan.Settings.LatencyMs, () => Reach(wire));
        _world.Agenda.In(10_000, () =>
        {
            if (Wire == wire && !IsOpen)
            {
                wire.ResetByClient();
                Lose(_chance.Between(0, 2_000));
            }
        });
    }

    /// <summary>The connection is gone, or not worth keeping.</summary>
    public void Lose(long comeBackAfterMs)
    {
        (Wire, IsOpen) = (null, false);
        _world.Agenda.In(comeBackAfterMs, Connect);
    }

    private void Reach(Wire wire)
    {
        if (Wire != wire || _world.Node.IsDark)
        {
            return;
        }

        if (_world.Node.TryAccept(wire))
        {
            wire.Up.Send(new GatewayHelloSays(Number, _startsAnew));
        }
        else
        {
            Lose(_chance.Between(100, 3_000));
        }
    }

    private void Arrived(Wire wire, ServerFrame? frame)
    {
        if (wire != Wire)
        {
            return;
        }

        switch (frame?.FrameCase)
        {
            case null:
                Lose(_chance.Between(0, 2_000));
                break;
            case ServerFrame.FrameOneofCase.GatewayWelcome:
                Open(frame.GatewayWelcome);
                break;
            case ServerFrame.FrameOneofCase.SessionsAck:
                Acknowledge(frame.SessionsAck.Seq);
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch:
                View.Take(frame.PresenceBatch);
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                wire.CloseByClient();
                Lose(_chance.Between(0, 3_000));
                break;
        }
    }

    private void Open(GatewayWelcome welcome)
    {
        IsOpen = true;
        Wire!.Up.Send(new WatchAllSays(1));
        if (welcome.Resumed)
        {
            Acknowledge(welcome.LastSeq);
            foreach (ClientSays says in _unacked)
            {
                Wire.Up.Send(says);
            }

            return;
        }

        _unacked.Clear();
        (_seq, _startsAnew) = (0, false);
        foreach (IGrouping<(Status Status, DeviceKinds Kinds), ulong> same in _set.Keys.Order().GroupBy(user => _set[user]))
        {
            Say(new SessionsSays(++_seq, LinkVerb.Up, [.. same]) { Status = same.Key.Status, Kinds = same.Key.Kinds });
        }

        Say(new CompleteSays(++_seq));
    }

    private void Acknowledge(ulong seq)
    {
        while (_unacked.TryPeek(out ClientSays? oldest) && SeqOf(oldest) <= seq)
        {
            _unacked.Dequeue();
        }
    }

    private static ulong SeqOf(ClientSays says) => says is SessionsSays sessions ? sessions.Seq : ((CompleteSays)says).Seq;

    private void Say(ClientSays says)
    {
        _unacked.Enqueue(says);
        Wire!.Up.Send(says);
    }

    // Twice an interval, for whoever it carries.
    private void Beat() => _world.Agenda.In(_world.Plan.Settings.Options.HeartbeatIntervalMs * 45 / 100, () =>
    {
        if (IsOpen)
        {
            Say(new SessionsSays(++_seq, LinkVerb.Beat, [.. _set.Keys.Order()]));
        }

        Beat();
    });

    private void Act() => _world.Agenda.In(_chance.Between(100, 12_000), () =>
    {
        if (!_world.IsQuiet)
        {
            if (IsOpen)
            {
                ActOnce();
            }

            Act();
        }
    });

    private void ActOnce()
    {
        ulong[] users = [.. Enumerable.Range(0, 1 + _chance.Below(6)).Select(_ => 1 + (ulong)_chance.Below(_world.Plan.Settings.Users)).Distinct()];
        switch (_chance.Below(20))
        {
            case < 9:
                (Status Status, DeviceKinds Kinds) how = (_chance.Pick(Status.Online, Status.Away, Status.Busy), _chance.Pick(DeviceKinds.Console, DeviceKinds.VR));
                Array.ForEach(users, user => _set[user] = how);
                Say(new SessionsSays(++_seq, LinkVerb.Up, users) { Status = how.Status, Kinds = how.Kinds });
                break;
            case < 13:
                Array.ForEach(users, user => _set.Remove(user));
                Say(new SessionsSays(++_seq, LinkVerb.Down, users));
                break;
            case < 15:
                // Forgotten without a word.
                Array.ForEach(users, user => _set.Remove(user));
                break;
            default:
                LoseLink();
                break;
        }
    }

    private void LoseLink()
    {
        Wire wire = Wire!;
        switch (_chance.Below(4))
        {
            case 0:
                wire.Up.Send(new GoodbyeSays());
                wire.CloseByClient();
                _startsAnew = true;
                break;
            case 1:
                wire.Vanish();
                break;
            case 2:
                // Another process, which has to find out its users anew.
                _startsAnew = true;
                wire.ResetByClient();
                break;
            default:
                wire.ResetByClient();
                break;
        }

        Lose(_chance.Pick(_chance.Between(0, 1_000), _chance.Between(0, 2 * _world.Plan.Settings.Options.HoldMs), _chance.Between(5_000, 60_000)));
    }
}
