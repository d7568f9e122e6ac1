using Presence.Client.Connections;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Session;

/// <summary>Requests and their answers over one live connection; it ends with it.</summary>
internal sealed class RequestChannel : IDisposable
{
    private readonly Connection _connection;
    private readonly PendingRequests _pending = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _turns;

    /// <param name="connection">Just welcomed.</param>
    /// <param name="maxPending">Requests under way at once, unless the server allows fewer.</param>
    public RequestChannel(Connection connection, int maxPending)
    {
        _connection = connection;
        uint allowed = Limits?.PendingRequests ?? 0;
        _turns = new SemaphoreSlim(allowed == 0 ? maxPending : (int)Math.Min(allowed, (uint)maxPending));
        IdsPerWatch = IdsPerRequest(Limits?.WatchIds);
        IdsPerQuery = IdsPerRequest(Limits?.QueryIds);
    }

    public Limits? Limits => _connection.Welcome.Limits;

    public int IdsPerWatch { get; }

    public int IdsPerQuery { get; }

    /// <summary>d.</summary>
    public TimeSpan Interval => _connection.Interval;

    /// <summary>Completes when it is no longer the present connection.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sends one request and waits for its whole answer.</summary>
    /// <param name="frame">Makes the frame from the request id.</param>
    /// <param name="entries">Where the entries of an answering batch go.</param>
    /// <param name="cancellation">Ends the wait, not the request.</param>
    /// <returns>The version an Ack carries; 0 for batches.</returns>
    /// <exception cref="ConnectionLostException">The connection ended first.</exception>
    /// <exception cref="PresenceException">The server refused.</exception>
    public async Task<ulong> AskAsync(Func<ulong, ClientFrame> frame, List<PresenceEntry>? entries, CancellationToken cancellation)
    {
        await _turns.WaitAsync(cancellation).ConfigureAwait(false);
        ulong id = _pending.Add(entries, out Task<ulong> answer);
        try
        {
            if (!answer.IsFaulted)
            {
                await _connection.SendAsync(frame(id), cancellation).ConfigureAwait(false);
            }
            return await answer.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            throw new ConnectionLostException();
        }
        finally
        {
            _pending.Withdraw(id);
            _turns.Release();
        }
    }

    /// <summary>Takes an answer in; a frame that answers nothing is passed over.</summary>
    public void Receive(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Ack:
                _pending.Acknowledge(frame.Ack);
                break;
            case ServerFrame.FrameOneofCase.Error:
                _pending.Refuse(frame.Error);
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch when frame.PresenceBatch.HasRequestId:
                _pending.Page(frame.PresenceBatch);
                break;
        }
    }

    /// <summary>The connection is gone: every request fails. Those that wait for their turn do, too, so <c>_turns</c> lives on.</summary>
    public void Dispose()
    {
        _pending.End();
        _ended.TrySetResult();
    }

    private static int IdsPerRequest(uint? told) =>
        told is null or 0 ? ProtocolLimits.MaxIdsPerRequest : (int)Math.Min(told.Value, ProtocolLimits.MaxIdsPerRequest);
}
