using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Fleets;

/// <summary>Opens sessions one after another, so many at a time that the server is busy and no handshake waits for its time-out.</summary>
internal sealed class Opening(IReadOnlyList<Session> sessions)
{
    /// <summary>Handshakes at a time.</summary>
    private const int Width = 256;

    private readonly bool[] _isSettled = new bool[sessions.Count];
    private int _opened;
    private int _settled;

    public bool IsDone => _settled == sessions.Count;

    public void Start() => OpenMore();

    /// <summary>A session came up or was given up: the next one begins.</summary>
    public void Settle(Session session)
    {
        if (!_isSettled[session.Index])
        {
            _isSettled[session.Index] = true;
            _settled++;
            OpenMore();
        }
    }

    private void OpenMore()
    {
        // A session that fails at once settles within Open: the count, not the stack, says how many are open.
        while (_opened < sessions.Count && _opened - _settled < Width)
        {
            sessions[_opened++].Open();
        }
    }
}
