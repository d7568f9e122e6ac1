using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Transport;

/// <summary>One connection that carries frames. It knows nothing of users.</summary>
/// <remarks>One send and one receive may be under way at a time. Disposing ends both and drops what is not sent.</remarks>
internal interface ITransport : IDisposable
{
    Framing Framing { get; }

    /// <summary>What a WebSocket close frame said; Unspecified when nothing was said (TCP never says).</summary>
    CloseCode PeerCloseCode { get; }

    /// <summary>Sends one frame, encoded for <see cref="Framing"/>.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation);

    /// <summary>The next frame, or null when the peer closed.</summary>
    /// <exception cref="IOException">The connection is gone, or what came is not a frame.</exception>
    ValueTask<ServerFrame?> ReceiveAsync(CancellationToken cancellation);

    /// <summary>Tells the peer that nothing more is sent, after all that was.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask CloseAsync(CancellationToken cancellation);
}
