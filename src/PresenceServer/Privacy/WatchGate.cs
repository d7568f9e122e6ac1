using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Privacy;

/// <summary>
/// What stands between a request and the policy: bounds of time and number, and the refusal when there is no answer. Open, as it is by default, it is one comparison.
/// </summary>
internal sealed partial class WatchGate(PresenceConfiguration configuration, TimeProvider time, ILogger<WatchGate> logger, IWatchPolicy? policy = null) : IDisposable
{
    public const string ClosedMessage = "Whether you may see these users cannot be said at the moment. Ask again.";

    private readonly SemaphoreSlim _places = new(configuration.WatchPolicy.Concurrency);

    // Every request of everybody may be refused.
    private readonly Seldom _said = new(time);

    /// <summary>Everybody may see everybody: no request waits here.</summary>
    public bool IsOpen => policy is null;

    /// <summary>Hides from a request whom its watcher may not see.</summary>
    /// <returns>False: there is no answer, and the request is to be refused.</returns>
    public ValueTask<bool> PassAsync(ulong watcher, ReadRequest request) => policy is null ? new(true) : AskAsync(policy, watcher, request);

    /// <summary>The same for a message that may be such a request.</summary>
    /// <returns>What is to be posted.</returns>
    public async ValueTask<ShardMessage> PassAsync(ConnectionPort connection, ulong watcher, ShardMessage message) => message switch
    {
        WatchRequest watch => await PassAsync(watcher, watch) ? watch : new RequestFault(connection, Closed(watch.RequestId)),
        QueryRequest query => await PassAsync(watcher, query) ? query : new RequestFault(connection, Closed(query.RequestId)),
        _ => message,
    };

    public void Dispose() => _places.Dispose();

    private static Error Closed(ulong requestId) => new() { RequestId = requestId, Code = ErrorCode.Unavailable, Message = ClosedMessage };

    private async ValueTask<bool> AskAsync(IWatchPolicy asked, ulong watcher, ReadRequest request)
    {
        HashSet<ulong> others = [.. request.AskedIds.Span];
        others.Remove(watcher);
        if (others.Count == 0)
        {
            return true;
        }

        using var late = new CancellationTokenSource(configuration.WatchPolicy.Timeout, time);
        try
        {
            await _places.WaitAsync(late.Token);
            request.Hide(await InItsPlaceAsync(asked, watcher, others, late.Token).WaitAsync(late.Token));
            return true;
        }
        catch (Exception e)
        {
            // Whatever it throws: who is not known to be allowed is not.
            if (_said.IsTime())
            {
                LogClosed(late.IsCancellationRequested ? $"no answer within {configuration.WatchPolicy.Timeout}" : e.Message);
            }

            return false;
        }
    }

    // One that does not look at its token is not waited for, and keeps its place until it ends.
    private async Task<IReadOnlySet<ulong>> InItsPlaceAsync(IWatchPolicy asked, ulong watcher, HashSet<ulong> others, CancellationToken cancel)
    {
        try
        {
            return await asked.HiddenAsync(watcher, others, cancel);
        }
        finally
        {
            _places.Release();
        }
    }

    [LoggerMessage(LogEvents.WatchPolicyFailed, LogLevel.Warning, "The watch policy does not answer, and requests are refused: {Reason}")]
    private partial void LogClosed(string reason);
}
