using Presence.Engine;

namespace Presence.Simulation;

/// <summary>A journal that says at once that all is durable and gives nothing back: what survives a process here is what was checkpointed.</summary>
internal sealed class PromptJournal : IJournal, IJournalLane
{
    public IJournalLane Open(int shard) => this;

    public void Append(in JournalEntry entry)
    {
    }

    public void AppendWatermark(long wallMs, ulong clock)
    {
    }

    public void HandOver(JournalCommit? commit) => commit?.Complete();
}
