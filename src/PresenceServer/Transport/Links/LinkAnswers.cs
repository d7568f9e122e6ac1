namespace Presence.Server.Transport.Links;

/// <summary>Collects what each shard says of its part of a set. Shards' threads answer and must not run what waits for them.</summary>
internal sealed class LinkAnswers(int shards)
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = shards;
    private int _fallen;

    /// <summary>True when every part still stood.</summary>
    public Task<bool> AllStood => _done.Task;

    public void Add(bool stood)
    {
        if (!stood)
        {
            Volatile.Write(ref _fallen, 1);
        }

        if (Interlocked.Decrement(ref _left) == 0)
        {
            _done.SetResult(Volatile.Read(ref _fallen) == 0);
        }
    }
}
