using Orleans.Runtime;
using Presence.Server.Cluster.Streams;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>
/// The way to one silo: by a stream where it offers one and that can be opened, else by calls. Batches of one call at a time; questions any time.
/// </summary>
/// <param name="self">The silo here.</param>
/// <param name="silo">The one there.</param>
/// <param name="service">Of it.</param>
internal sealed class PeerRoute(SiloAddress self, SiloAddress silo, IPeerService service, PeerSecurity security, PeerCounters counters, TimeProvider time) : IDisposable
{
    private readonly Seldom _opens = new(time);
    private readonly Lock _gate = new();
    private PeerStream? _stream;
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
            if (_opens.IsTime())
            {
                _ = OpenAsync();
            }

            return service.TakeAsync(new(batches)).GetAwaiter().GetResult();
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
        catch (Exception)
        {
            // It is tried again.
        }
    }

    private void Keep(PeerStream stream)
    {
        lock (_gate)
        {
            if (_isOver)
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
