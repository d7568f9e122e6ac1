namespace Presence.Server.Storage;

/// <summary>The state of the last-active store at one moment, for readiness checks and metrics.</summary>
/// <param name="Problem">What is wrong, for an operator to read; null when all is well. Presence is served either way.</param>
/// <param name="Loaded">Records of <paramref name="ToLoad"/> that are there.</param>
/// <param name="ToLoad">Records that the store began with.</param>
/// <param name="IsLoaded">Every user can be answered for.</param>
/// <param name="Records">Records in memory.</param>
/// <param name="MemoryBytes">Bytes of records and index.</param>
/// <param name="PendingUsers">Users whose newest record waits for the store's thread.</param>
/// <param name="WritesBeyondLimit">Writes taken while more users were waiting than the queue is meant for; none was dropped.</param>
/// <param name="RefusedNewUsers">Records of new users that did not fit in memory and were not kept.</param>
/// <param name="LastCheckpointMs">Unix milliseconds of the newest complete checkpoint; −1 when there is none.</param>
/// <param name="Checkpoints">Checkpoints completed by this process.</param>
/// <param name="CheckpointTook">How long the newest of them took.</param>
public sealed record StoreHealth(
    string? Problem,
    long Loaded,
    long ToLoad,
    bool IsLoaded,
    long Records,
    long MemoryBytes,
    int PendingUsers,
    long WritesBeyondLimit,
    long RefusedNewUsers,
    long LastCheckpointMs,
    long Checkpoints,
    TimeSpan CheckpointTook)
{
    public bool IsHealthy => Problem is null;
}
