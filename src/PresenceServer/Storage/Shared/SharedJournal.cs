using Presence.Engine;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// The journal of a member: a status is acknowledged once Redis has it beside the own disk, so that the next home of its user finds it there when this node is killed. What others see never waits for it.
/// While Redis is away, or too slow, the own disk stands alone, and that is counted.
/// </summary>
internal sealed class SharedJournal(IJournal own, JournalShipper shipper, SharedCounts counts) : IJournal
{
    // Clients wait for their answers: a Redis that hangs is one that is away.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public IJournalLane Open(int shard) => new Lane(own.Open(shard), this);

    // Whatever becomes of it, who waits is answered: the own disk has it.
    private void Share(JournalCommit commit) => shipper.WhenShipped(s_patience, isShipped =>
    {
        counts.Unshared.Add(isShipped ? 0 : 1);
        commit.Complete();
    });

    private sealed class Lane(IJournalLane own, SharedJournal journal) : IJournalLane
    {
        public void Append(in JournalEntry entry) => own.Append(entry);

        public void AppendWatermark(long wallMs, ulong clock) => own.AppendWatermark(wallMs, clock);

        public void HandOver(JournalCommit? commit) => own.HandOver(commit is null ? null : new Durable(commit, journal));
    }

    /// <summary>The own disk has it, or cannot.</summary>
    private sealed class Durable(JournalCommit commit, SharedJournal journal) : JournalCommit
    {
        public override void Complete()
        {
            commit.Failed = Failed;
            if (Failed)
            {
                commit.Complete();
            }
            else
            {
                journal.Share(commit);
            }
        }
    }
}
