using System.Buffers;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>Encodes <see cref="HeartbeatAck"/> without allocation, byte for byte as the generated class would.</summary>
public static class HeartbeatAckFrame
{
    /// <summary>No such frame is longer, in either framing.</summary>
    public const int MaxBytes = 20;

    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short; <see cref="MaxBytes"/> is always enough.</exception>
    public static int Write(Span<byte> destination, ulong serverTimeMs, uint heartbeatIntervalMs, Framing framing)
    {
        var message = (serverTimeMs == 0 ? 0 : WireSize.VarintField(serverTimeMs))
            + (heartbeatIntervalMs == 0 ? 0 : WireSize.VarintField(heartbeatIntervalMs));
        var writer = HotFrame.Begin(destination, ServerFrame.HeartbeatAckFieldNumber, message, framing);
        if (serverTimeMs != 0)
        {
            writer.VarintField(HeartbeatAck.ServerTimeMsFieldNumber, serverTimeMs);
        }
        if (heartbeatIntervalMs != 0)
        {
            writer.VarintField(HeartbeatAck.HeartbeatIntervalMsFieldNumber, heartbeatIntervalMs);
        }
        return writer.Position;
    }

    /// <inheritdoc cref="Write(Span{byte}, ulong, uint, Framing)"/>
    public static void Write(IBufferWriter<byte> output, ulong serverTimeMs, uint heartbeatIntervalMs, Framing framing) =>
        output.Advance(Write(output.GetSpan(MaxBytes), serverTimeMs, heartbeatIntervalMs, framing));
}
