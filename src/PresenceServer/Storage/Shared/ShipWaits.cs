using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage.Shared;

/// <summary>Those who wait until the journal is shipped up to a place. Any thread.</summary>
internal sealed class ShipWaits
{
    private readonly Lock _gate = new();
    private readonly List<(JournalPosition Until, TaskCompletionSource<bool> Answer)> _waiting = [];
    private JournalPosition? _shipped;
    private bool _isAway;

    /// <returns>True when all in front of the place is shipped, false once it is known that it cannot be now.</returns>
    public Task<bool> UntilAsync(in JournalPosition place)
    {
        lock (_gate)
        {
            if (_shipped is { } shipped && !shipped.IsBefore(place))
            {
                return Task.FromResult(true);
            }

            if (_isAway)
            {
                return Task.FromResult(false);
            }

            var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((place, answer));
            return answer.Task;
        }
    }

    /// <summary>All in front of the place is shipped. It may lie in front of one that was: Redis has lost what it had.</summary>
    public void Shipped(in JournalPosition place)
    {
        lock (_gate)
        {
            (_shipped, _isAway) = (place, false);
            for (int i = _waiting.Count - 1; i >= 0; i--)
            {
                if (!place.IsBefore(_waiting[i].Until))
                {
                    _waiting[i].Answer.SetResult(true);
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Nothing can be shipped for now.</summary>
    public void Away()
    {
        lock (_gate)
        {
            (_shipped, _isAway) = (null, true);
            _waiting.ForEach(static wait => wait.Answer.SetResult(false));
            _waiting.Clear();
        }
    }
}
