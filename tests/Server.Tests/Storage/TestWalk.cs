using Presence.Engine;
using Presence.Server.Storage;

namespace Presence.Server.Tests.Storage;

internal sealed class TestWalk(Func<ulong, bool>? wants = null) : PresentWalk
{
    private TaskCompletionSource<UserRecord[]> _slice = null!;

    /// <summary>The next slice; fails when the store could not look.</summary>
    public Task<UserRecord[]> NextAsync(LastActiveStore store)
    {
        _slice = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Walk(this);
        return _slice.Task;
    }

    /// <inheritdoc cref="NextAsync(LastActiveStore)"/>
    public Task<UserRecord[]> NextAsync(PresentWalks walks)
    {
        _slice = new(TaskCreationOptions.RunContinuationsAsynchronously);
        walks.TryAdd(this);
        return _slice.Task;
    }

    /// <summary>All that follows, slice by slice.</summary>
    public async Task<List<UserRecord>> RestAsync(LastActiveStore store)
    {
        List<UserRecord> rest = [];
        while (!IsOver)
        {
            rest.AddRange(await NextAsync(store));
        }

        return rest;
    }

    public override bool Wants(ulong userId) => wants is null || wants(userId);

    public override void Complete()
    {
        if (Failed)
        {
            _slice.SetException(new IOException("The store could not look."));
        }
        else
        {
            _slice.SetResult(Records.ToArray());
        }
    }
}
