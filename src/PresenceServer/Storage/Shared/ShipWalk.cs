using Presence.Engine;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// A walk over all that the local store has, to bring it to a Redis that lacks what the journal does not have any more. What is older than what is there changes nothing. One slice is asked for at a
/// time, so nothing but the slice is held.
/// </summary>
internal sealed class ShipWalk(ILastActiveStore store) : WholeWalk
{
    private TaskCompletionSource? _slice;

    /// <summary>Completes when the slice that was asked for is there, which may take as long as the store loads.</summary>
    public Task Slice => _slice?.Task ?? Task.CompletedTask;

    /// <summary>Records brought.</summary>
    public long Walked { get; private set; }

    /// <summary>Brings the slice that has come, and asks for the next; nothing while none has.</summary>
    /// <param name="bring">Called with parts of it.</param>
    /// <returns>True when all has been brought.</returns>
    /// <exception cref="IOException">The store could not look; the next step asks again.</exception>
    public async Task<bool> StepAsync(Func<ShipBatch, Task<bool>> bring)
    {
        if (_slice is null)
        {
            Next();
        }

        if (!Slice.IsCompleted)
        {
            return false;
        }

        if (Failed)
        {
            _slice = null;
            throw new IOException("The last-active store cannot be looked through.");
        }

        foreach (UserRecord[] part in Records.ToArray().Chunk(JournalShipper.MostOfBatch))
        {
            var batch = new ShipBatch();
            Array.ForEach(part, record => batch.Add(record));
            if (!await bring(batch))
            {
                return false;
            }

            Walked += part.Length;
        }

        if (!IsOver)
        {
            Next();
        }

        return IsOver;
    }

    public override bool Wants(ulong userId) => true;

    public override void Complete() => _slice!.SetResult();

    private void Next()
    {
        _slice = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Walk(this);
    }
}
