using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Attacks;

/// <summary>One way of being hostile, the same for all who do it: what is theirs alone is the <see cref="Attacker"/>'s.</summary>
internal abstract class Attack
{
    /// <summary>In lower_snake, for the report.</summary>
    public abstract string Name { get; }

    /// <summary>Between two calls of <see cref="Act"/>.</summary>
    public virtual TimeSpan Period => TimeSpan.FromMilliseconds(100);

    public virtual ConnectionManners Manners => ConnectionManners.None;

    /// <summary>It goes to the WebSocket listener, not to the one of TCP.</summary>
    public virtual bool IsOverWebSocket => false;

    /// <summary>It begins behind a door: who was not let in, to a session or to a WebSocket, has attacked nothing.</summary>
    public virtual bool MustEnter => false;

    /// <summary>The server has to close it before long; else it may stay, within its limits.</summary>
    public virtual bool MustEnd => true;

    /// <summary>The connection is there: the first bytes.</summary>
    public virtual void Begin(Attacker attacker)
    {
    }

    /// <summary>Again and again while the connection lives.</summary>
    public virtual void Act(Attacker attacker)
    {
    }

    /// <summary>Bytes that are no frames, as they came; only with <see cref="ConnectionManners.Raw"/>.</summary>
    public virtual void Hear(Attacker attacker, ReadOnlySpan<byte> bytes)
    {
    }
}
