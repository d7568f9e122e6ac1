using System.Net.Security;
using Presence.V1;

namespace Presence.Client;

/// <summary>Everything a <see cref="PresenceClient"/> can be told; read once, when it is made.</summary>
public sealed record PresenceClientOptions
{
    /// <summary>
    /// Where the servers are, tried in turn: <c>presence://host[:7001]</c> (TCP), <c>presences://host[:7002]</c> (TLS),
    /// <c>ws://host[:port]</c> or <c>wss://host[:port]</c> (WebSocket; without a path, <c>/v1/connect</c>). At least one.
    /// </summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>Asked for a JWT at the first connect, when the server says that it expires, and after it expired.</summary>
    public required Func<CancellationToken, ValueTask<string>> TokenProvider { get; init; }

    /// <summary>Names this installation, the same at every start; 1–64 bytes of UTF-8. One device has one live connection.</summary>
    public required string DeviceId { get; init; }

    /// <summary>What kind of device others see.</summary>
    public DeviceKind DeviceKind { get; init; }

    /// <summary>
    /// Online, Away or Busy; Offline makes an observer: it watches, and nobody sees it. Later
    /// <see cref="PresenceClient.SetStatusAsync"/> calls replace it.
    /// </summary>
    public Status InitialStatus { get; init; } = Status.Online;

    /// <summary>The application calls <see cref="PresenceClient.ReportActivity"/>; only then may the server call the user away.</summary>
    public bool ReportsActivity { get; init; }

    /// <summary>Product and version, for the server's logs; at most 64 bytes.</summary>
    public string ClientName { get; init; } = "Presence.Client";

    /// <summary>Whether heartbeats ask for an ack. Without, a dead network is noticed only when something sent is refused.</summary>
    public bool HeartbeatAcks { get; init; } = true;

    /// <summary>
    /// How long an ack may take before the connection is given up. Null: a third of the heartbeat interval, at least 1 s, at most 10 s.
    /// </summary>
    public TimeSpan? AckTimeout { get; init; }

    /// <summary>How long dialling, asking for a token and the handshake may take together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests that may be under way at once; more wait for their turn. The server has a limit of its own.</summary>
    public int MaxPendingRequests { get; init; } = 16;

    /// <summary>Judges the server's certificate (presences, wss); null: the system's trust.</summary>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; init; }

    /// <summary>The clock behind every timer of the client.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Spreads heartbeats and reconnects; used under a lock. Null: a new one.</summary>
    public Random? Random { get; init; }

    internal void Validate()
    {
        if (Endpoints is not { Count: > 0 })
        {
            throw new ArgumentException("Endpoints is empty; name at least one server, such as presence://localhost:7001.");
        }
        foreach (Uri endpoint in Endpoints)
        {
            Transport.Dialer.Validate(endpoint);
        }
        ArgumentNullException.ThrowIfNull(TokenProvider);
        ArgumentException.ThrowIfNullOrEmpty(DeviceId);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingRequests, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        if (AckTimeout is { } ackTimeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ackTimeout, TimeSpan.Zero, nameof(AckTimeout));
        }
        if (InitialStatus is not (Status.Online or Status.Away or Status.Busy or Status.Offline))
        {
            throw new ArgumentException($"InitialStatus is {InitialStatus}; expected Online, Away, Busy or Offline.");
        }
    }
}
