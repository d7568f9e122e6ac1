using System.Buffers;
using Google.Protobuf;
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

    public static ReadOnlySpan<byte> Hello(string token) => Hello(token, ByteString.Empty, Status.Online);

    /// <param name="token">May be empty with a resume token.</param>
    /// <param name="resumeToken">Of the last Welcome; empty for a new session.</param>
    public static ReadOnlySpan<byte> Hello(string token, ByteString resumeToken, Status status) => Encode(new ClientFrame
    {
        Hello = new Hello
        {
            ProtocolVersion = ProtocolLimits.ProtocolVersion,
            Token = token,
            ResumeToken = resumeToken,
            DeviceId = DeviceId,
            DeviceKind = DeviceKind.Service,
            InitialStatus = status,
            ClientName = "LoadClient",
        },
    });

    public static ReadOnlySpan<byte> SetStatus(ulong requestId, Status status) =>
        Encode(new ClientFrame { SetStatus = new SetStatus { RequestId = requestId, Status = status } });

    public static ReadOnlySpan<byte> Watch(ulong requestId, ReadOnlySpan<ulong> users) => Watch(requestId, users, []);

    /// <param name="versions">Those held, one a user; empty: nothing is known of any.</param>
    public static ReadOnlySpan<byte> Watch(ulong requestId, ReadOnlySpan<ulong> users, ReadOnlySpan<ulong> versions)
    {
        var watch = new Watch { RequestId = requestId };
        watch.UserIds.AddRange(users);
        watch.Versions.AddRange(versions);
        return Encode(new ClientFrame { Watch = watch });
    }

    public static ReadOnlySpan<byte> Query(ulong requestId, ReadOnlySpan<ulong> users)
    {
        var query = new Query { RequestId = requestId };
        query.UserIds.AddRange(users);
        return Encode(new ClientFrame { Query = query });
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
