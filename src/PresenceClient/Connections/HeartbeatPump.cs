namespace Presence.Client.Connections;

/// <summary>
/// Drives a <see cref="HeartbeatSchedule"/> with one timer. The timer is lazy: frames that are sent move the due time but not the
/// timer, which finds out when it fires; only a due time that comes nearer moves it.
/// </summary>
internal sealed class HeartbeatPump : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HeartbeatSchedule _schedule;
    private readonly bool _wantsAck;
    private readonly ConnectionClock _clock;
    private readonly Action _beat;
    private readonly Action _giveUp;
    private readonly ITimer _timer;
    private TimeSpan _firesAt;
    private bool _stopped;

    /// <param name="schedule">Owned from now on.</param>
    /// <param name="wantsAck">Whether the heartbeats ask for an ack.</param>
    /// <param name="clock">The time base of <paramref name="schedule"/>.</param>
    /// <param name="beat">Sends a heartbeat; must not block. Called outside the lock.</param>
    /// <param name="giveUp">Called once, when an ack is overdue; nothing is called after it.</param>
    public HeartbeatPump(HeartbeatSchedule schedule, bool wantsAck, ConnectionClock clock, Action beat, Action giveUp)
    {
        (_schedule, _wantsAck, _clock, _beat, _giveUp) = (schedule, wantsAck, clock, beat, giveUp);
        _timer = clock.CreateTimer(OnTimer);
        lock (_lock)
        {
            SetTimer(_clock.Now);
        }
    }

    /// <summary>d as the server said it last.</summary>
    public TimeSpan Interval
    {
        get
        {
            lock (_lock)
            {
                return _schedule.Interval;
            }
        }
    }

    public void FrameSent()
    {
        lock (_lock)
        {
            _schedule.FrameSent(_clock.Now);
        }
    }

    public void AckReceived(TimeSpan interval)
    {
        lock (_lock)
        {
            TimeSpan now = _clock.Now;
            _schedule.AckReceived(now, interval);
            if (!_stopped && _schedule.NextLook < _firesAt)
            {
                SetTimer(now);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
        }
        _timer.Dispose();
    }

    private void OnTimer()
    {
        switch (Step())
        {
            case HeartbeatStep.Beat:
                _beat();
                break;
            case HeartbeatStep.GiveUp:
                _giveUp();
                break;
        }
    }

    private HeartbeatStep Step()
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return HeartbeatStep.Wait;
            }
            TimeSpan now = _clock.Now;
            HeartbeatStep step = _schedule.StepAt(now);
            if (step == HeartbeatStep.GiveUp)
            {
                _stopped = true;
                return step;
            }
            if (step == HeartbeatStep.Beat)
            {
                _schedule.HeartbeatSent(now, _wantsAck);
            }
            SetTimer(now);
            return step;
        }
    }

    private void SetTimer(TimeSpan now)
    {
        _firesAt = _schedule.NextLook;
        // Rounded up: a timer of whole milliseconds that fires a little early would fire again and again.
        double wait = Math.Max(0, Math.Ceiling((_firesAt - now).TotalMilliseconds));
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }
}
