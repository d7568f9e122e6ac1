namespace Presence.Server.Admin;

/// <summary>
/// How long the garbage collector makes all threads stand still: the sum is the runtime's own, the longest is the difference of two sums,
/// looked at after every collection.
/// </summary>
/// <remarks>
/// The look is a finalizer's: an object that nobody holds is finalized after each collection and leaves a new one, which costs 24 bytes a
/// collection and nothing between them. An <c>EventListener</c> would have the runtime keep a buffer of events and poll it for ever; a timer
/// would wake an idle process and, where collections come in bursts, know only the last. Two collections so close that one look serves both count
/// as one, and so do the two pauses of a background collection: the longest is never understated.
/// </remarks>
internal sealed class GcPauses
{
    private readonly Lock _gate = new();
    private TimeSpan _seen = GC.GetTotalPauseDuration();
    private TimeSpan _longest;

    public GcPauses() => _ = new Lookout(this);

    /// <summary>Of one collection, since this began.</summary>
    public TimeSpan Longest
    {
        get
        {
            Look();
            lock (_gate)
            {
                return _longest;
            }
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            TimeSpan total = GC.GetTotalPauseDuration();
            TimeSpan pause = total - _seen;
            _longest = pause > _longest ? pause : _longest;
            _seen = total;
        }
    }

    private sealed class Lookout(GcPauses pauses)
    {
        ~Lookout()
        {
            pauses.Look();
            // Anew, not registered again: this one is no longer in the youngest generation and would miss most collections.
            _ = new Lookout(pauses);
        }
    }
}
