namespace Presence.LoadClient.Links;

/// <summary>
/// Which changes of a link must be visible by now: those whose frame the server took long enough ago. What is on its way to a server that
/// is busy is late, not wrong.
/// </summary>
internal sealed class Settling(TimeSpan grace)
{
    // Of the frames that are not taken: the changes below a number had been said with it.
    private readonly Queue<(ulong Seq, long Below)> _said = new();
    private readonly Queue<(TimeSpan At, long Below)> _taken = new();
    private long _below;

    public void Add(ulong seq, long below) => _said.Enqueue((seq, below));

    /// <summary>The numbers of the frames begin anew.</summary>
    public void Forget() => _said.Clear();

    /// <param name="acked">The last frame that the server has taken.</param>
    public long Below(ulong acked, TimeSpan now)
    {
        while (_said.TryPeek(out (ulong Seq, long Below) said) && said.Seq <= acked)
        {
            _taken.Enqueue((now + grace, _said.Dequeue().Below));
        }

        while (_taken.TryPeek(out (TimeSpan At, long Below) taken) && taken.At <= now)
        {
            _below = _taken.Dequeue().Below;
        }

        return _below;
    }
}
