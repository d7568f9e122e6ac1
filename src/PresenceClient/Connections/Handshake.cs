using Presence.Client.Transport;
using Presence.V1;

namespace Presence.Client.Connections;

/// <summary>The server did not welcome us.</summary>
internal sealed class HandshakeRefusedException(Ending ending) : Exception(ending.Reason, ending.Cause)
{
    public Ending Ending { get; } = ending;
}

/// <summary>Hello, and the server's word on it.</summary>
internal static class Handshake
{
    /// <exception cref="HandshakeRefusedException">The server refused, or closed.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async ValueTask<Welcome> ShakeAsync(ITransport transport, Hello hello, CancellationToken cancellation)
    {
        await FrameSender.SendAsync(transport, new ClientFrame { Hello = hello }, cancellation).ConfigureAwait(false);
        Error? said = null;
        while (await transport.ReceiveAsync(cancellation).ConfigureAwait(false) is { } frame)
        {
            switch (frame.FrameCase)
            {
                case ServerFrame.FrameOneofCase.Welcome:
                    return frame.Welcome;
                case ServerFrame.FrameOneofCase.Error:
                    said = frame.Error;
                    break;
                case ServerFrame.FrameOneofCase.GoAway:
                    throw new HandshakeRefusedException(Ending.Told(frame.GoAway, said));
            }
        }
        throw new HandshakeRefusedException(Ending.Told(new GoAway { CloseCode = transport.PeerCloseCode }, said));
    }
}
