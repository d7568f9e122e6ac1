using Presence.Engine;

namespace Presence.Server.Tests.Storage;

internal sealed class TestRead(params ulong[] users) : StoreRead(users, users.Length)
{
    private readonly TaskCompletionSource<UserRecord[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<UserRecord[]> Answer => _answer.Task;

    public override void Complete()
    {
        if (Failed)
        {
            _answer.SetException(new IOException("The store could not answer."));
        }
        else
        {
            _answer.SetResult(Records.ToArray());
        }
    }
}
