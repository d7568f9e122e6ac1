namespace Presence.Engine;

/// <summary>What a receiver does with a batch.</summary>
internal enum BatchVerdict : byte
{
    /// <summary>It is the next: apply it, and say that it is taken.</summary>
    Next,

    /// <summary>It begins an epoch: forget what the sender said before, apply it, and say that it is taken.</summary>
    Reset,

    /// <summary>It was taken before: say so again.</summary>
    Repeated,

    /// <summary>Something before it is missing, or it is of a time that is over: say that it is not taken.</summary>
    Refused,
}

/// <summary>
/// The receiving half of a channel: of every epoch it takes the batches from the first on, each once and none behind a gap; of an epoch that is over nothing more. So what it knows of a sender is always what that said
/// from one reset on to some moment, whatever the network loses, repeats or brings late.
/// </summary>
internal sealed class ChannelReceiver
{
    // The next that is due; nothing has ever come when the incarnation is 0.
    private ChannelStamp _due;
    private bool _hasEnded;

    /// <summary>What the sender has said in the present epoch was taken by shards that follow this ring, or a later one.</summary>
    public long Since { get; set; }

    /// <summary>Unix ms up to which all holds that the sender said; −1: it has said nothing.</summary>
    public long WatermarkMs { get; set; } = -1;

    /// <summary>Takes nothing more of the present epoch: the sender has to begin another.</summary>
    public void End() => _hasEnded = true;

    /// <summary>Judges a batch; when it is to be applied, it counts as taken.</summary>
    public BatchVerdict Receive(in ChannelStamp stamp)
    {
        int era = (stamp.Incarnation, stamp.Epoch).CompareTo((_due.Incarnation, _due.Epoch));
        if (era > 0 && stamp.Sequence == 0)
        {
            _hasEnded = false;
            _due = stamp with { Sequence = 1 };
            return BatchVerdict.Reset;
        }

        if (era != 0 || _hasEnded || stamp.Sequence > _due.Sequence)
        {
            return BatchVerdict.Refused;
        }

        if (stamp.Sequence < _due.Sequence)
        {
            return BatchVerdict.Repeated;
        }

        _due = stamp with { Sequence = stamp.Sequence + 1 };
        return BatchVerdict.Next;
    }
}
