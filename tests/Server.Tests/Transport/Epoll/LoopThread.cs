using Presence.Server.Hosting;
using Presence.Server.Transport.Epoll;

namespace Presence.Server.Tests.Transport.Epoll;

/// <summary>A loop on a thread of its own, as a shard's or the front's is.</summary>
internal sealed class LoopThread : IAsyncDisposable
{
    private readonly Thread _thread;
    private volatile bool _stopping;

    public LoopThread()
    {
        Loop = new EpollLoop(new NodeClock(TimeProvider.System));
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public EpollLoop Loop { get; }

    // Not right here: a test goes on where its last read ended, which is the thread that is to end.
    public ValueTask DisposeAsync() => new(Task.Run(Stop));

    private void Stop()
    {
        _stopping = true;
        Loop.Wake();
        _thread.Join();
        Loop.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            Loop.Clear();
            Loop.Rest(1_000);
        }
    }
}
