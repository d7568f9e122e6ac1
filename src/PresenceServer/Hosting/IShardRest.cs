using Presence.Engine;

namespace Presence.Server.Hosting;

/// <summary>What a shard's thread does between two turns: sleeps until it is wanted or, where the thread has sockets of its own, serves them.</summary>
internal interface IShardRest : IWake, IDisposable
{
    /// <summary>Monotonic milliseconds, for stamping what was just read. Any thread.</summary>
    long NowMs { get; }

    /// <summary>This is the thread that rests here.</summary>
    bool IsOwnThread { get; }

    /// <summary>Before a turn: what is posted from here on wakes again.</summary>
    /// <returns>Since when the turn was wanted, in clock ticks; 0 when nobody asked for it.</returns>
    long Clear();

    /// <summary>Until somebody wakes it, at most so long; with 0 only what is ready is served.</summary>
    void Rest(int milliseconds);
}
