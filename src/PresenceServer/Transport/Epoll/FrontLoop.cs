using Presence.Server.Hosting;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// The loop in front of the shards: it accepts, and serves connections until their user, and with it their shard, is known. Tokens are judged on its
/// thread and so never on a shard's.
/// </summary>
internal sealed class FrontLoop : IDisposable
{
    // How long a request to end may go unseen at most; it is woken for it.
    private const int SleepMs = 1_000;

    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public FrontLoop(NodeClock clock, NodeFailure failure)
    {
        Loop = new EpollLoop(clock);
        _failed = failure.OfFrontLoop;
        _thread = new Thread(Run) { Name = "front", IsBackground = true };
        _thread.Start();
    }

    public EpollLoop Loop { get; }

    public void Dispose()
    {
        _stopping = true;
        Loop.Wake();
        _thread.Join();
        Loop.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Loop.Clear();
                Loop.Rest(SleepMs);
            }
        }
        catch (Exception e)
        {
            _failed(e);
        }
    }
}
