using Presence.V1;

namespace Presence.Simulation;

/// <summary>A TCP connection between a client and the server.</summary>
internal sealed class Wire
{
    // What the kernel of an end that is reset tells the other.
    private static readonly EndSays _end = new();

    private readonly World _world;
    private bool _isPending;
    private int _flyingBytes;

    /// <param name="world">Where.</param>
    /// <param name="chance">Of its delays alone.</param>
    public Wire(World world, Chance chance)
    {
        _world = world;
        Settings settings = world.Plan.Settings;
        long Latency() => settings.LatencyMs + (chance.Hits(0.1) ? chance.Between(0, settings.JitterMs) : chance.Between(0, settings.JitterMs / 10));
        Up = new(world.Agenda, Latency, says => Server?.Reader.Arrive(says));
        Down = new(world.Agenda, Latency, Arrived);
    }

    public Direction<ClientSays> Up { get; }

    public Direction<(ServerFrame? Frame, int Bytes)> Down { get; }

    /// <summary>Takes what arrives at the client; null is the end.</summary>
    public Action<ServerFrame?> Client { get; set; } = static _ => { };

    /// <summary>The server's end; null until it is accepted.</summary>
    public ServerConnection? Server { get; set; }

    /// <summary>The server has bytes for the client that it cannot send yet.</summary>
    public bool IsFull => _flyingBytes > _world.Plan.Settings.WindowBytes;

    /// <summary>Sends to the client.</summary>
    public void SendDown(ServerFrame frame, int bytes)
    {
        _flyingBytes += bytes;
        Down.Send((frame, bytes));
    }

    /// <summary>Tells the server's end when there is room again.</summary>
    public void ExpectRoom() => _isPending = true;

    /// <summary>The client closes in order: what it said before is heard.</summary>
    public void CloseByClient() => Up.Send(_end);

    /// <summary>The client's end is reset: what it said and was not delivered is lost.</summary>
    public void ResetByClient()
    {
        Up.Reset();
        Up.Send(_end);
        Down.Darken();
    }

    /// <summary>The server's end closes, or its process dies.</summary>
    public void ResetByServer()
    {
        Down.Send((null, 0));
        Up.Darken();
    }

    /// <summary>Somebody between the two resets both.</summary>
    public void Cut()
    {
        Up.Reset();
        Up.Send(_end);
        Down.Reset();
        Down.Send((null, 0));
    }

    /// <summary>Nothing is carried any more, and nobody is told.</summary>
    public void Vanish()
    {
        Up.Darken();
        Down.Darken();
    }

    private void Arrived((ServerFrame? Frame, int Bytes) item)
    {
        _flyingBytes -= item.Bytes;
        if (_isPending && _flyingBytes <= _world.Plan.Settings.WindowBytes / 2)
        {
            _isPending = false;
            _world.Agenda.In(_world.Plan.Settings.LatencyMs, () => Server?.HasRoom());
        }

        Client(item.Frame);
    }
}
