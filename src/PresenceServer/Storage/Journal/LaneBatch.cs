using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>What one lane has given to the disk in one go: kept until it is durable, and written again elsewhere when it did not become so.</summary>
internal sealed class LaneBatch(int shard, UserHash hash) : IDisposable
{
    public int Shard => shard;

    public List<JournalBlock> Blocks { get; } = [];

    /// <summary>The newest records of users whose changes came faster than the disk took them; newer than all in <see cref="Blocks"/>.</summary>
    public NewestRecords Late { get; } = new(hash);

    /// <summary>Of the users in <see cref="Late"/> those of whom others were told meanwhile; the newest record of one may be of what nobody may see.</summary>
    public HashSet<ulong> LateTold { get; private set; } = [];

    /// <summary>Changes are missing between this batch and the next.</summary>
    public bool HasHole { get; set; }

    /// <summary>Who waits for this batch.</summary>
    public JournalCommit? Commit { get; set; }

    public bool IsEmpty => Blocks.Count == 0 && Late.Count == 0 && !HasHole;

    /// <summary>All of it is durable.</summary>
    public void Clear()
    {
        Blocks.Clear();
        Late.Clear();
        HasHole = false;
        if (LateTold.Count > 0)
        {
            // It may have grown to millions.
            LateTold = [];
        }
    }

    public void Dispose() => Late.Dispose();
}
