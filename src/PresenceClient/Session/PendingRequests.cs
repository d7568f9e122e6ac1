using Presence.V1;

namespace Presence.Client.Session;

/// <summary>The connection ended before the answer came; the request may be asked again on the next one.</summary>
internal sealed class ConnectionLostException() : Exception("The connection was lost before the server answered.");

/// <summary>The requests of one connection that wait for their answer. Safe for many threads.</summary>
internal sealed class PendingRequests
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Request> _requests = [];
    private ulong _lastId;
    private bool _ended;

    /// <summary>A new request; its answer is the version an Ack carries, 0 for batches.</summary>
    /// <param name="entries">Where the entries of a batch that answers go; null: nowhere.</param>
    /// <param name="answer">Completes when the whole answer is there.</param>
    public ulong Add(List<PresenceEntry>? entries, out Task<ulong> answer)
    {
        Request request = new(entries);
        answer = request.Answer.Task;
        lock (_lock)
        {
            if (_ended)
            {
                request.Answer.SetException(new ConnectionLostException());
                return 0;
            }
            _requests.Add(++_lastId, request);
            return _lastId;
        }
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Withdraw(ulong requestId) => Take(requestId);

    public void Acknowledge(Ack ack) => Take(ack.RequestId)?.Answer.TrySetResult(ack.Version);

    public void Refuse(Error error) => Take(error.RequestId)?.Answer.TrySetException(PresenceException.From(error));

    /// <summary>A page of an answer; the last one completes it.</summary>
    public void Page(PresenceBatch batch)
    {
        Request? request;
        lock (_lock)
        {
            if (!_requests.TryGetValue(batch.RequestId, out request))
            {
                return;
            }
            request.Entries?.AddRange(batch.Entries);
            if (batch.More)
            {
                return;
            }
            _requests.Remove(batch.RequestId);
        }
        request.Answer.TrySetResult(0);
    }

    /// <summary>No answer comes any more, for these and for later ones.</summary>
    public void End()
    {
        List<Request> lost;
        lock (_lock)
        {
            _ended = true;
            lost = [.. _requests.Values];
            _requests.Clear();
        }
        foreach (Request request in lost)
        {
            request.Answer.TrySetException(new ConnectionLostException());
        }
    }

    private Request? Take(ulong requestId)
    {
        lock (_lock)
        {
            return _requests.Remove(requestId, out Request? request) ? request : null;
        }
    }

    private sealed record Request(List<PresenceEntry>? Entries)
    {
        public TaskCompletionSource<ulong> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
