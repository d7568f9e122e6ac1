namespace Presence.Engine;

/// <summary>
/// The sending half of a channel. One batch is under way at a time, so that none can overtake another, and what comes meanwhile collects for the next. A batch of which it is not known that it was taken
/// ends the epoch: nothing is sent again, all is said anew. What was lost, and whether it was, is nobody's question.
/// </summary>
/// <param name="incarnation">As <see cref="ChannelStamp.Incarnation"/>.</param>
/// <param name="epoch">The first; higher than any that this incarnation has had with the receiver.</param>
internal sealed class ChannelSender(ulong incarnation, ulong epoch = 1)
{
    private ulong _next;

    /// <summary>The present one.</summary>
    public ulong Epoch { get; private set; } = epoch;

    /// <summary>A batch is under way: the next waits.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>The next batch begins an epoch: it is to be followed by all that the receiver must know.</summary>
    public bool IsAtReset => _next == 0;

    /// <summary>A batch goes out.</summary>
    public ChannelStamp Send()
    {
        IsUnderWay = true;
        return new(incarnation, Epoch, _next);
    }

    /// <summary>What became of a batch is known, or nobody waits for that any longer. What is told late, or twice, means nothing.</summary>
    /// <param name="stamp">Of the batch.</param>
    /// <param name="isTaken">The receiver has said so.</param>
    /// <returns>False: the epoch is over, and all is to be said anew.</returns>
    public bool Settle(in ChannelStamp stamp, bool isTaken)
    {
        if (!IsUnderWay || stamp != new ChannelStamp(incarnation, Epoch, _next))
        {
            return true;
        }

        IsUnderWay = false;
        if (isTaken)
        {
            _next++;
            return true;
        }

        Reset();
        return false;
    }

    /// <summary>Ends the epoch: more has collected than is worth keeping, or what was said is in doubt.</summary>
    public void Reset()
    {
        IsUnderWay = false;
        Epoch++;
        _next = 0;
    }
}
