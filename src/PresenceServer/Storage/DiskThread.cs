using System.Collections.Concurrent;

namespace Presence.Server.Storage;

/// <summary>
/// The only thread that waits for the disk. The store's thread hands it work and goes on answering, so a slow, full or hung disk
/// delays checkpoints and nothing else. What is queued is bounded by those who post: a checkpoint has two buffers.
/// </summary>
internal sealed class DiskThread
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StallClock _clock;

    public DiskThread(TimeProvider time)
    {
        _clock = new StallClock(time);
        new Thread(Run) { Name = "presence-disk", IsBackground = true }.Start();
    }

    public bool IsStalled => _clock.IsStalled;

    public Task Stopped => _stopped.Task;

    /// <param name="work">Catches its own exceptions.</param>
    public void Post(Action work) => _work.Add(work);

    /// <summary>Lets the thread end when what was posted is done.</summary>
    public void Complete() => _work.CompleteAdding();

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            _clock.Begin();
            work();
            _clock.End();
        }

        _stopped.SetResult();
    }
}
