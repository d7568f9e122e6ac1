using Grpc.Core;
using Presence.Admin.V1;
using Presence.Ctl;

namespace Presence.LoadClient.Machine;

/// <summary>Asks a server about its own process once a second, beside the thread that makes the load.</summary>
internal sealed class NodeWatch : IAsyncDisposable
{
    // Behind the three generations whose objects are moved.
    private const int LargeArrays = 3;
    private const int PinnedArrays = 4;

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(1);

    private readonly AdminConnection _admin;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _asking;
    private volatile NodeUsage _latest;

    private NodeWatch(AdminConnection admin, NodeUsage first, TimeProvider time)
    {
        (_admin, _latest) = (admin, first);
        _asking = AskAsync(time);
    }

    /// <summary>What it said last: when it does not answer any more, the run itself tells that it is gone.</summary>
    public NodeUsage Latest => _latest;

    /// <param name="address">Of the admin listener, <c>HOST:PORT</c>.</param>
    /// <param name="token">Of scope presence:admin; must outlast the run.</param>
    /// <exception cref="RpcException">It does not answer, or not to this token.</exception>
    public static async Task<NodeWatch> StartAsync(string address, string token, TimeProvider time, CancellationToken cancellation)
    {
        var admin = new AdminConnection(address, token);
        try
        {
            return new NodeWatch(admin, await AskAsync(admin, cancellation), time);
        }
        catch
        {
            admin.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _asking;
        _end.Dispose();
        _admin.Dispose();
    }

    private static async Task<NodeUsage> AskAsync(AdminConnection admin, CancellationToken cancellation)
    {
        GetNodeResponse node = await admin.Service.GetNodeAsync(new(), admin.Question(cancellation));
        return new NodeUsage(
            (long)node.ManagedHeapBytes,
            (long)node.ManagedGenerationBytes.ElementAtOrDefault(LargeArrays),
            (long)node.ManagedGenerationBytes.ElementAtOrDefault(PinnedArrays),
            node.Collections.Sum(static count => (long)count),
            TimeSpan.FromMicroseconds(node.GcPauseTotalUs),
            TimeSpan.FromMicroseconds(node.GcPauseLongestUs),
            TimeSpan.FromMicroseconds(node.TurnLongestUs));
    }

    private async Task AskAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                await AskOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task AskOnceAsync()
    {
        try
        {
            _latest = await AskAsync(_admin, _end.Token);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && !_end.IsCancellationRequested)
        {
            // A server that is busy may answer next time.
        }
    }
}
