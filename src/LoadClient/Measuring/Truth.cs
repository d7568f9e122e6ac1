using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>What every watcher must end up seeing: what each user said last, and the version the server gave to it.</summary>
/// <param name="users">How many, numbered from 0.</param>
internal sealed class Truth(int users)
{
    /// <summary>The order in which a user changes; it begins ONLINE, by its Hello.</summary>
    private static readonly Status[] _cycle = [Status.Online, Status.Away, Status.Busy];

    private readonly byte[] _steps = new byte[users];
    private readonly ulong[] _versions = new ulong[users];
    private readonly ushort[] _unacked = new ushort[users];
    private readonly bool[] _isDoubtful = new bool[users];
    // When the user was last meant to take each status of the cycle; zero: not yet.
    private readonly TimeSpan[] _intended = new TimeSpan[users * _cycle.Length];

    /// <summary>Flips whose Ack has not come.</summary>
    public int Unacked { get; private set; }

    public Status StatusOf(int user) => _cycle[_steps[user]];

    /// <summary>The version of the last acked flip; 0: the user has not flipped, and nobody told it its version.</summary>
    public ulong VersionOf(int user) => _versions[user];

    /// <summary>The user goes on to its next status.</summary>
    public Status Flip(int user, TimeSpan intended)
    {
        _steps[user] = (byte)((_steps[user] + 1) % _cycle.Length);
        _intended[(user * _cycle.Length) + _steps[user]] = intended;
        _isDoubtful[user] = false;
        _unacked[user]++;
        Unacked++;
        return StatusOf(user);
    }

    /// <summary>The server acked a flip.</summary>
    public void Acked(int user, ulong version)
    {
        Answered(user);
        _versions[user] = Math.Max(_versions[user], version);
    }

    /// <summary>The server refused a flip: what the user is now is not known until it flips again.</summary>
    public void Refused(int user)
    {
        Answered(user);
        _isDoubtful[user] = true;
    }

    /// <summary>Flips of a user whose Ack has not come.</summary>
    public int UnackedOf(int user) => _unacked[user];

    /// <summary>Whether there is a truth to hold views against.</summary>
    public bool IsKnown(int user) => !_isDoubtful[user];

    /// <summary>The user came back and said its status with its Hello: which version that made, if any, nobody told.</summary>
    public void Returned(int user)
    {
        _versions[user] = 0;
        _isDoubtful[user] = false;
    }

    /// <summary>The user is gone: no answer will come.</summary>
    public void Forget(int user)
    {
        Unacked -= _unacked[user];
        _unacked[user] = 0;
    }

    /// <summary>When the user was last meant to take this status: what a watcher's latency counts from.</summary>
    /// <returns>False when no flip made it so.</returns>
    public bool TryGetIntended(int user, Status status, out TimeSpan intended)
    {
        int step = Array.IndexOf(_cycle, status);
        intended = step < 0 ? TimeSpan.Zero : _intended[(user * _cycle.Length) + step];
        return intended > TimeSpan.Zero;
    }

    private void Answered(int user)
    {
        if (_unacked[user] > 0)
        {
            _unacked[user]--;
            Unacked--;
        }
    }
}
