using Presence.Engine;

namespace Presence.Server.Diagnostics;

/// <summary>What a client is connected by.</summary>
internal enum Carrier
{
    Tcp,
    Tls,

    /// <summary>On either of its listeners.</summary>
    Websocket,

    /// <summary>An event stream.</summary>
    Http,
}

/// <summary>Connections of clients and gateways, from when they begin to be served until nothing more is read from them. Any thread.</summary>
internal sealed class ConnectionCounts
{
    private readonly Tally<Carrier> _opened = new();
    private readonly Tally<Carrier> _ended = new();

    public void Open(Carrier carrier) => _opened.Add(carrier);

    public void End(Carrier carrier) => _ended.Add(carrier);

    /// <summary>Since the start.</summary>
    public long Opened(Carrier carrier) => _opened.Of(carrier);

    public long Now(Carrier carrier)
    {
        // In this order it is never below nothing.
        long ended = _ended.Of(carrier);
        return _opened.Of(carrier) - ended;
    }
}
