using System.Buffers;
using Presence.Client.Transport;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Connections;

/// <summary>Encodes a frame for a transport and sends it.</summary>
internal static class FrameSender
{
    public static ValueTask SendAsync(ITransport transport, ClientFrame frame, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte> output = new(frame.CalculateSize() + sizeof(uint));
        ClientFrames.Write(output, frame, transport.Framing);
        return transport.SendAsync(output.WrittenMemory, cancellation);
    }
}
