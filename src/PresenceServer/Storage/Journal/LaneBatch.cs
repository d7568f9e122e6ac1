using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>What one lane has given to the disk in one go: kept until it is durable, and written again elsewhere when it did not become so.</summary>
internal sealed class LaneBatch(int shard, UserHash hash) : IDisposable
{
    public int Shard => shard;

    public List<JournalBlock> Blocks { get; } = [];

    /// <summary>The newest records of users whose changes came faster than the disk took them; newer than all in <see cref="Blocks"/>.</summary>
    public NewestRecords Late { get; } = new(hash);

    /// <summary>Who waits for this batch.</summary>
    public JournalCommit? Commit { get; set; }

    public bool IsEmpty => Blocks.Count == 0 && Late.Count == 0;

    public void Dispose() => Late.Dispose();
}
