using Presence.Engine;

namespace Presence.Simulation;

/// <summary>The I/O canary of the process: a byte a second through the same I/O as the clients'.</summary>
internal sealed class Canary(Agenda agenda, Node node, Chance chance)
{
    private int _life;

    /// <summary>When it was last heard, on the monotonic clock.</summary>
    public long HeardAtMs { get; private set; }

    public void Begin()
    {
        _life++;
        HeardAtMs = long.MaxValue;
        Sing(_life, chance.Between(0, EngineClock.CanaryPeriodMs));
    }

    /// <summary>I/O goes on after a standstill: what waited in the socket is heard, soon.</summary>
    public void Resume()
    {
        int life = _life;
        agenda.In(chance.Between(0, EngineClock.CanaryPeriodMs), () => Hear(life));
    }

    private void Sing(int life, long afterMs) => agenda.In(afterMs, () =>
    {
        if (life == _life)
        {
            Hear(life);
            Sing(life, EngineClock.CanaryPeriodMs);
        }
    });

    private void Hear(int life)
    {
        if (life == _life && node.IsUp && !node.IsPaused && !node.IsIoSilent)
        {
            HeardAtMs = agenda.Now;
        }
    }
}
