using System.Buffers;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Connections;

/// <summary>The frames a generator sends, as bytes behind their length.</summary>
internal static class Frames
{
    /// <summary>What all sessions of a generator call their device.</summary>
    public const string DeviceId = "load";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _output;

    public static ReadOnlySpan<byte> Heartbeat => HeartbeatFrame.Encoded(HeartbeatFlags.None, Framing.LengthPrefix).Span;

    public static ReadOnlySpan<byte> HeartbeatWithAck => HeartbeatFrame.Encoded(HeartbeatFlags.WantAck, Framing.LengthPrefix).Span;

    public static ReadOnlySpan<byte> Hello(string token) => Encode(new ClientFrame
    {
        Hello = new Hello
        {
            ProtocolVersion = ProtocolLimits.ProtocolVersion,
            Token = token,
            DeviceId = DeviceId,
            DeviceKind = DeviceKind.Service,
            InitialStatus = Status.Online,
            ClientName = "LoadClient",
        },
    });

    public static ReadOnlySpan<byte> SetStatus(ulong requestId, Status status) =>
        Encode(new ClientFrame { SetStatus = new SetStatus { RequestId = requestId, Status = status } });

    public static ReadOnlySpan<byte> Watch(ulong requestId, ReadOnlySpan<ulong> users)
    {
        var watch = new Watch { RequestId = requestId };
        foreach (ulong user in users)
        {
            watch.UserIds.Add(user);
        }

        return Encode(new ClientFrame { Watch = watch });
    }

    // The bytes hold until the next frame is encoded; they are sent before.
    private static ReadOnlySpan<byte> Encode(ClientFrame frame)
    {
        ArrayBufferWriter<byte> output = _output ??= new ArrayBufferWriter<byte>(1_024);
        output.ResetWrittenCount();
        ClientFrames.Write(output, frame, Framing.LengthPrefix);
        return output.WrittenSpan;
    }
}
