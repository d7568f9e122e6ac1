using System.IO.Pipelines;

namespace Presence.Server.Http;

/// <summary>
/// Flushes what was written for a peer, who has to take it within a time. The server's own least rate does not do: it credits a peer with all that the kernel
/// took for it, megabytes, and so lets one that reads nothing stay for hours.
/// </summary>
internal sealed class BoundedFlush(PipeWriter output, TimeSpan within, TimeProvider time)
{
    // Less than the server buffers before a flush waits, so that every flush is about what the peer has taken.
    private const int PartBytes = 16 << 10;

    /// <summary>Flushes when enough has been written since the last time for it to be worth a call.</summary>
    /// <exception cref="IOException">The peer does not take it.</exception>
    public ValueTask FlushPartAsync(CancellationToken cancelled) =>
        output.UnflushedBytes >= PartBytes ? FlushAsync(cancelled) : ValueTask.CompletedTask;

    /// <exception cref="IOException">The peer does not take it.</exception>
    public async ValueTask FlushAsync(CancellationToken cancelled)
    {
        try
        {
            await output.FlushAsync(cancelled).AsTask().WaitAsync(within, time, CancellationToken.None);
        }
        catch (TimeoutException e)
        {
            throw new IOException("The peer does not take what is written to it.", e);
        }
    }
}
