using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// The side of a connection that the server's framework sees. Connections are many, so it is all one object: its own features, with those that others set
/// in a list that is made for the first.
/// </summary>
internal abstract class LoopConnectionContext(EndPoint local, PeerAddress remote)
    : ConnectionContext, IFeatureCollection, IConnectionIdFeature, IConnectionItemsFeature, IConnectionTransportFeature, IConnectionLifetimeFeature,
    IConnectionEndPointFeature
{
    private static long s_lastId;

    protected PeerAddress Remote { get; } = remote;

    private KeyValuePair<Type, object>[] _features = [];
    private CancellationTokenSource? _closed;

    [AllowNull]
    public override string ConnectionId
    {
        get => field ??= string.Create(CultureInfo.InvariantCulture, $"E{Interlocked.Increment(ref s_lastId):x}");
        set;
    }

    public override IFeatureCollection Features => this;

    [AllowNull]
    public override IDictionary<object, object?> Items
    {
        get => field ??= new Dictionary<object, object?>();
        set;
    }

    public abstract override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; } = local;

    public override EndPoint? RemoteEndPoint
    {
        get => Remote.ToEndPoint();
        set => throw new NotSupportedException("The other end of a connection is what it is.");
    }

    /// <summary>Made for who asks: hardly anybody does.</summary>
    public override CancellationToken ConnectionClosed
    {
        get => (LazyInitializer.EnsureInitialized(ref _closed, MakeClosed)).Token;
        set => throw new NotSupportedException("The transport says when a connection is closed.");
    }

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    /// <summary>Its descriptor is closed.</summary>
    protected abstract bool IsClosed { get; }

    public object? this[Type key]
    {
        get
        {
            foreach ((Type type, object feature) in _features)
            {
                if (type == key)
                {
                    return feature;
                }
            }

            return key.IsInstanceOfType(this) ? this : null;
        }

        set
        {
            Revision++;
            int place = Array.FindIndex(_features, feature => feature.Key == key);
            if (value is null)
            {
                _features = place < 0 ? _features : [.. _features.Where(feature => feature.Key != key)];
                return;
            }

            if (place < 0)
            {
                place = _features.Length;
                Array.Resize(ref _features, place + 1);
            }

            _features[place] = new(key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The descriptor has been closed: tells who asked, on another thread.</summary>
    protected void TellClosed()
    {
        if (Volatile.Read(ref _closed) is { } closed)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), closed, preferLocal: false);
        }
    }

    private CancellationTokenSource MakeClosed()
    {
        var closed = new CancellationTokenSource();
        if (IsClosed)
        {
            closed.Cancel();
        }

        return closed;
    }
}
