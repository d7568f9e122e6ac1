using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Scenarios;

/// <summary>Opens sessions one after another, so many at a time that the server is busy and no handshake waits for its time-out.</summary>
internal sealed class Ramp(IReadOnlyList<Session> sessions)
{
    /// <summary>Handshakes at a time.</summary>
    private const int Width = 256;

    private int _opened;

    /// <summary>Those that came up or failed.</summary>
    public int Settled { get; private set; }

    public bool IsDone => Settled == sessions.Count;

    public void Start() => OpenMore();

    /// <summary>A session came up or failed: the next one begins.</summary>
    public void Settle()
    {
        Settled++;
        OpenMore();
    }

    private void OpenMore()
    {
        // A session that fails at once settles within Open: the count, not the stack, says how many are open.
        while (_opened < sessions.Count && _opened - Settled < Width)
        {
            sessions[_opened++].Open();
        }
    }
}
