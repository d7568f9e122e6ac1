using System.Buffers;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>Encodes <see cref="Ack"/> without allocation, byte for byte as the generated class would.</summary>
public static class AckFrame
{
    /// <summary>No such frame is longer, in either framing.</summary>
    public const int MaxBytes = 23;

    /// <param name="destination">Where to.</param>
    /// <param name="requestId">Of the request that was done.</param>
    /// <param name="version">The user's version after the request; 0 where it has none.</param>
    /// <param name="framing">With or without the length in front.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short; <see cref="MaxBytes"/> is always enough.</exception>
    public static int Write(Span<byte> destination, ulong requestId, ulong version, Framing framing)
    {
        var message = (requestId == 0 ? 0 : WireSize.VarintField(requestId)) + (version == 0 ? 0 : WireSize.Fixed64Field);
        var writer = HotFrame.Begin(destination, ServerFrame.AckFieldNumber, message, framing);
        if (requestId != 0)
        {
            writer.VarintField(Ack.RequestIdFieldNumber, requestId);
        }
        if (version != 0)
        {
            writer.Fixed64Field(Ack.VersionFieldNumber, version);
        }
        return writer.Position;
    }

    /// <inheritdoc cref="Write(Span{byte}, ulong, ulong, Framing)"/>
    public static void Write(IBufferWriter<byte> output, ulong requestId, ulong version, Framing framing) =>
        output.Advance(Write(output.GetSpan(MaxBytes), requestId, version, framing));
}
