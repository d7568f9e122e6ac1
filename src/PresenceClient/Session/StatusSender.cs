using Presence.V1;

namespace Presence.Client.Session;

/// <summary>Brings the desired status to the server over one connection, one SetStatus at a time.</summary>
internal sealed class StatusSender(RequestChannel channel, DesiredStatus desired)
{
    private int _busy;

    /// <summary>Sends until nothing is unacknowledged, unless another call is doing it. What is lost waits for the next one.</summary>
    public async Task SendAsync()
    {
        while (desired.Unacknowledged is not null && Interlocked.Exchange(ref _busy, 1) == 0)
        {
            while (desired.Unacknowledged is { } wish)
            {
                if (!await TrySendAsync(wish).ConfigureAwait(false))
                {
                    return;
                }
            }
            Volatile.Write(ref _busy, 0);
        }
    }

    private async Task<bool> TrySendAsync(DesiredStatus.Wish wish)
    {
        try
        {
            ulong version = await channel.AskAsync(
                id => new ClientFrame { SetStatus = new SetStatus { RequestId = id, Status = wish.Status, StatusText = wish.Text } },
                entries: null,
                CancellationToken.None).ConfigureAwait(false);
            desired.Acknowledge(wish, version);
            return true;
        }
        catch (PresenceException e)
        {
            desired.Refuse(wish, e);
            return true;
        }
        catch (ConnectionLostException)
        {
            return false;
        }
    }
}
