using Presence.Engine;

namespace Presence.Server.Cluster.Rehearsing;

/// <summary>Reads some users the way who has become their home does, from the local store and from Redis; what is read is of no interest.</summary>
internal sealed class RehearsalRead : StoreRead
{
    private static readonly ulong[] s_users = [.. Enumerable.Range(1, 64).Select(static user => (ulong)user)];

    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RehearsalRead()
        : base(s_users, s_users.Length)
    {
    }

    public static Task FromAsync(ILastActiveStore store)
    {
        // Of users that are not loaded yet nothing may be asked.
        if (!s_users.All(store.IsLoaded))
        {
            return Task.CompletedTask;
        }

        var read = new RehearsalRead();
        store.Read(read);
        return read._over.Task;
    }

    public override void Complete() => _over.TrySetResult();
}
