using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// A program that says over HTTP how its user is: a lease, which it renews by saying the same again, in time or too late, changes, ends, or lets run out. It does not
/// know whether its requests were heard.
/// </summary>
internal sealed class LeaseHolder
{
    private const long AgainMs = 50;

    private readonly World _world;
    private readonly Chance _chance;
    private readonly ulong _userId;
    private readonly ulong _deviceKey;
    private Status _last = Status.Online;
    private readonly bool _isOperator;
    private TokenMark _token;
    private ulong _lastRequest;

    /// <summary>Some clients have one beside them, of the same user or of another.</summary>
    public LeaseHolder(World world, int number)
    {
        _world = world;
        _chance = world.Chance.Of(1_000_000_000 + (ulong)number);
        _userId = 1 + (ulong)_chance.Below(world.Plan.Settings.Users);
        _deviceKey = 1_000_000_000 + (ulong)number;
        _isOperator = _chance.Hits(0.2);
        if (_chance.Hits(0.15))
        {
            GoOn();
        }
    }

    private void GoOn() => _world.Agenda.In(Pause(), () =>
    {
        if (!_world.IsQuiet)
        {
            _last = _chance.Hits(0.6) ? _last : _chance.Pick(Status.Online, Status.Away, Status.Busy, Status.Invisible, Status.Offline);
            Request();
            GoOn();
        }
    });

    // Soon, in time, or perhaps too late.
    private long Pause()
    {
        Settings settings = _world.Plan.Settings;
        return Math.Max(settings.CalmMs / 4, _chance.Pick(
            _chance.Between(50, 2_000), _chance.Between(1_000, settings.Options.HeartbeatIntervalMs), _chance.Between(1_000, 2 * settings.UsualSilenceMs)));
    }

    private void Request()
    {
        var says = new LeaseSays(_userId, _deviceKey, ++_lastRequest, _last, TokenOfNow());
        var request = new SimulatedLease(_world, says) { Token = says.Token };
        int process = _world.Node.Processes;
        _world.Agenda.In(_world.Plan.Settings.LatencyMs + _chance.Between(0, _world.Plan.Settings.JitterMs), () => Arrive(request, process));
    }

    // An operator's has none.
    private TokenMark? TokenOfNow()
    {
        if (_isOperator)
        {
            return null;
        }

        if (_token == default || _chance.Hits(0.2))
        {
            _token = new TokenMark((_deviceKey << 24) + _lastRequest, _world.Wall.Now / 1_000);
        }

        return _token;
    }

    // What waits in the sockets of a process dies with it.
    private void Arrive(SimulatedLease request, int process)
    {
        if (!_world.Node.IsAccepting || process != _world.Node.Processes)
        {
            return;
        }

        ShardThread thread = _world.Node.ThreadOf(_userId);
        if (!_world.Node.MayRead(thread) || !thread.TryPost(request, new LeaseSaid(request)))
        {
            _world.Agenda.In(AgainMs, () => Arrive(request, process));
            return;
        }

        _world.Trace.Note(_userId, $"{request.Says}");
    }
}
