using Presence.Client.Connections;
using Presence.Protocol;

namespace Presence.Simulation;

/// <summary>The heartbeats of one connection of a client: by the SDK's own schedule, or as a client without manners sends them.</summary>
internal sealed class Heartbeats
{
    private readonly Agenda _agenda;
    private readonly Client _client;
    private readonly HeartbeatSchedule _schedule;
    private readonly Action<HeartbeatFlags> _beat;
    private readonly Action _giveUp;
    private readonly long _openedMs;
    private long _lookAtMs = long.MaxValue;
    private bool _isOver;

    /// <param name="client">Whose.</param>
    /// <param name="agenda">Time.</param>
    /// <param name="chance">The client's.</param>
    /// <param name="welcome">What the server said.</param>
    /// <param name="openedMs">When Hello was sent.</param>
    /// <param name="beat">Sends one.</param>
    /// <param name="giveUp">The server has not answered in time.</param>
    public Heartbeats(Client client, Agenda agenda, Chance chance, V1.Welcome welcome, long openedMs, Action<HeartbeatFlags> beat, Action giveUp)
    {
        (_client, _agenda, _openedMs, _beat, _giveUp) = (client, agenda, openedMs, beat, giveUp);
        _schedule = new HeartbeatSchedule(
            TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs), TimeSpan.FromMilliseconds(welcome.FirstHeartbeatAfterMs), TimeSpan.Zero, Now, null, chance);
        if (IsOnTime)
        {
            Arm();
        }
        else if (client.Habits.Manners != Manners.Mute)
        {
            BeatInAWhile();
        }
    }

    private bool IsOnTime => _client.Habits.Manners is Manners.Good or Manners.Rude;

    private TimeSpan Now => TimeSpan.FromMilliseconds(_agenda.Now - _openedMs);

    /// <summary>Another frame was sent.</summary>
    public void FrameSent() => _schedule.FrameSent(Now);

    public void AckReceived(uint intervalMs)
    {
        _schedule.AckReceived(Now, TimeSpan.FromMilliseconds(intervalMs));
        Arm();
    }

    /// <summary>Time has passed in which nothing could be done.</summary>
    public void LookAgain()
    {
        if (IsOnTime)
        {
            Look();
        }
    }

    public void Stop() => _isOver = true;

    private void Arm()
    {
        long due = _openedMs + (long)Math.Ceiling(_schedule.NextLook.TotalMilliseconds);
        if (due < _lookAtMs || _lookAtMs <= _agenda.Now)
        {
            _lookAtMs = due;
            _agenda.At(due, () =>
            {
                if (due == _lookAtMs)
                {
                    Look();
                }
            });
        }
    }

    private void Look()
    {
        if (_isOver || _client.IsFrozen)
        {
            return;
        }

        switch (_schedule.StepAt(Now))
        {
            case HeartbeatStep.Beat:
                _schedule.HeartbeatSent(Now, wantsAck: true);
                _beat(HeartbeatFlags.WantAck);
                break;
            case HeartbeatStep.GiveUp:
                _isOver = true;
                _giveUp();
                return;
        }

        _lookAtMs = long.MaxValue;
        Arm();
    }

    private void BeatInAWhile() => _agenda.In(_client.Habits.BeatEveryMs, () =>
    {
        if (!_isOver)
        {
            _beat(HeartbeatFlags.None);
            BeatInAWhile();
        }
    });
}
