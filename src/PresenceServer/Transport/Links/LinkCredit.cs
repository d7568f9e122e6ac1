namespace Presence.Server.Transport.Links;

/// <summary>
/// How many users of a gateway the shards were handed and have not applied yet. Beyond the limit its link is read no further, so that a gateway can never
/// have more waiting than a few frames, however fast it sends.
/// </summary>
internal sealed class LinkCredit(int limit)
{
    private int _unapplied;
    private TaskCompletionSource? _room;

    public int Unapplied => Volatile.Read(ref _unapplied);

    public void Take(int users) => Interlocked.Add(ref _unapplied, users);

    /// <summary>A shard has applied so many. Never runs what waits for it.</summary>
    public void GiveBack(int users)
    {
        if (Interlocked.Add(ref _unapplied, -users) <= limit)
        {
            Interlocked.Exchange(ref _room, null)?.TrySetResult();
        }
    }

    /// <summary>Completes when no more than the limit is unapplied.</summary>
    public ValueTask WhenRoomAsync() => Unapplied <= limit ? default : WaitAsync();

    private async ValueTask WaitAsync()
    {
        while (Unapplied > limit)
        {
            var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource room = Interlocked.CompareExchange(ref _room, fresh, null) ?? fresh;
            // Looked at again behind the registration: what was given back before it would wake nobody.
            if (Unapplied <= limit)
            {
                return;
            }

            await room.Task;
        }
    }
}
