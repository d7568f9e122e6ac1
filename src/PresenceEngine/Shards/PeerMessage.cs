using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What one shard says to another.</summary>
internal abstract class PeerMessage
{
    /// <summary>
    /// What it takes of a turn, about: users that it is about. Asked before it is applied; afterwards it may be somebody else's.
    /// </summary>
    internal virtual int Weight => 1;

    internal abstract void Apply(Shard shard);
}

/// <summary>
/// The transitions of one turn of a home, for every shard that has an open channel to it; with the home's clock, so that stamps of all stay comparable.
/// One object for all receivers; the sender uses it again when the last of them is through.
/// </summary>
internal sealed class ChangeBatch : PeerMessage
{
    private PresenceState[] _states = new PresenceState[16];
    private int _readers;

    public int Count { get; private set; }

    public ReadOnlySpan<PresenceState> States => _states.AsSpan(0, Count);

    /// <summary>When the oldest of them was decided; as <see cref="TurnTime.MonoUs"/>.</summary>
    public long DecidedUs { get; private set; }

    /// <summary>The sender's clock when the batch was closed.</summary>
    public ulong Clock { get; private set; }

    public bool IsFree => Volatile.Read(ref _readers) == 0;

    public void Add(in PresenceState state)
    {
        if (Count == _states.Length)
        {
            Array.Resize(ref _states, Count * 2);
        }

        _states[Count++] = state;
    }

    public void Close(ulong clock, int readers, long decidedUs)
    {
        (Clock, DecidedUs) = (clock, decidedUs);
        Volatile.Write(ref _readers, readers);
    }

    /// <summary>One receiver less.</summary>
    public void Release() => Interlocked.Decrement(ref _readers);

    public void Clear()
    {
        // Texts are not to be kept alive by a spare batch.
        _states.AsSpan(0, Count).Clear();
        Count = 0;
    }

    internal override int Weight => Count;

    internal override void Apply(Shard shard)
    {
        shard.Versions.Merge(Clock);
        foreach (ref readonly PresenceState state in States)
        {
            shard.Watching.Changed(state, DecidedUs);
        }

        shard.Links.Watchers.Changed(States);
        Release();
    }
}
