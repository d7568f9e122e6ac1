using Presence.Server.Hosting;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// Asks Redis with a patience of our own, and knows whether it answers. That it has gone is logged once and that it is back once, however many ask. Any thread.
/// </summary>
internal sealed class RedisLink(IConnectionMultiplexer redis, TimeProvider time, ILogger<RedisLink> logger)
{
    /// <summary>For what is read: a replica may not have yet what the primary has confirmed, and would be taken for a Redis that has lost it.</summary>
    public const CommandFlags FromPrimary = CommandFlags.DemandMaster;

    private readonly Seldom _told = new(time);
    private readonly Lock _gate = new();
    private volatile string? _problem;
    private long _goneAt;
    private bool _isTold;

    /// <summary>Why Redis is taken for away; null while it answers.</summary>
    public string? Problem => _problem;

    /// <summary>The last that was asked got no answer. Whoever is not to wait does without; the shipper goes on asking, and ends it.</summary>
    public bool IsAway => _problem is not null;

    /// <param name="question">Begins to ask; called once.</param>
    /// <param name="patience">How long its answer is waited for.</param>
    /// <exception cref="RedisAwayException">It failed or did not come. It may still be carried out.</exception>
    public async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> question, TimeSpan patience)
    {
        try
        {
            Task<T> answer = question(redis.GetDatabase());
            // One that fails when nobody waits any more is not to be missed by the runtime.
            _ = answer.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            T result = await answer.WaitAsync(patience, time);
            Back();
            return result;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            Lost(e.Message);
            throw new RedisAwayException(e.Message, e);
        }
    }

    private void Lost(string reason)
    {
        lock (_gate)
        {
            if (!IsAway)
            {
                _goneAt = time.GetTimestamp();
                _isTold = _told.IsTime();
                if (_isTold)
                {
                    logger.RedisAway(reason);
                }
            }

            _problem = reason;
        }
    }

    private void Back()
    {
        if (!IsAway)
        {
            return;
        }

        lock (_gate)
        {
            if (IsAway && _isTold)
            {
                logger.RedisBack((long)time.GetElapsedTime(_goneAt).TotalSeconds);
            }

            _problem = null;
        }
    }
}
