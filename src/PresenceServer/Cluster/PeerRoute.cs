using Orleans.Runtime;
using Presence.Server.Cluster.Streams;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>
/// The way to one silo: by a stream where it offers one and that can be opened, else by calls. Batches of one call at a time; questions any time.
/// </summary>
/// <param name="self">The silo here.</param>
/// <param name="silo">The one there.</param>
/// <param name="service">Of it.</param>
internal sealed partial class PeerRoute(SiloAddress self, SiloAddress silo, IPeerService service, PeerSecurity security, PeerCounters counters, TimeProvider time, ILogger<PeerRoute> logger) : IDisposable
{
    // A call's own five seconds are kept by its silo, which may end first.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(6);

    private readonly Seldom _opens = new(time);
    private readonly Seldom _said = new(time);
    private readonly Lock _gate = new();
    private PeerStream? _stream;
    private bool _isOpening;
    private bool _isOver;

    public SiloAddress Silo => silo;

    /// <summary>What is not batches.</summary>
    public IPeerService Service => service;

    /// <summary>Hands batches over, and blocks until they are taken.</summary>
    /// <returns>Of each whether it was.</returns>
    /// <exception cref="Exception">Nobody knows.</exception>
    public bool[] Take(byte[][] batches)
    {
        if (Volatile.Read(ref _stream) is not { } stream)
        {
            if (MayOpen())
            {
                _ = OpenAsync();
            }

            return service.TakeAsync(new(batches)).WaitAsync(s_patience, time).GetAwaiter().GetResult();
        }

        try
        {
            return stream.Call(batches);
        }
        catch
        {
            Drop(stream);
            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            End();
        }
    }

    // Of an older node, or behind a wall that lets nothing but the silo's port through, there is none: calls do as well, at their price.
    private async Task OpenAsync()
    {
        try
        {
            StreamOffer offer = await service.OfferAsync();
            // Beside the calls, which go on meanwhile: a wall that swallows what is sent lets it wait for seconds.
            Keep(await Task.Factory.StartNew(() => PeerStream.Open(self, silo, offer, security), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
        catch (Exception e)
        {
            // It is tried again.
            if (_said.IsTime())
            {
                LogNotOpened(silo, e.Message.Split('\n')[0]);
            }
        }
        finally
        {
            Volatile.Write(ref _isOpening, false);
        }
    }

    private bool MayOpen()
    {
        lock (_gate)
        {
            bool may = !_isOver && !_isOpening && _opens.IsTime();
            _isOpening |= may;
            return may;
        }
    }

    private void Keep(PeerStream stream)
    {
        lock (_gate)
        {
            if (_isOver || _stream is not null)
            {
                stream.Dispose();
                return;
            }

            _stream = stream;
            counters.StreamsAre(+1);
        }
    }

    private void Drop(PeerStream stream)
    {
        lock (_gate)
        {
            if (_stream == stream)
            {
                End();
            }
        }
    }

    [LoggerMessage(LogEvents.PeerStreamNotOpened, LogLevel.Information, "No stream to {Silo} could be opened: {Problem} Changes go by calls, at more of a price, and it is tried again")]
    private partial void LogNotOpened(SiloAddress silo, string problem);

    private void End()
    {
        if (_stream is { } stream)
        {
            stream.Dispose();
            _stream = null;
            counters.StreamsAre(-1);
        }
    }
}
