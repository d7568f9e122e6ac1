using System.Buffers;
using Google.Protobuf;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Fuzz.Targets;

/// <summary>
/// Frames of clients and gateways. What is parsed is written and parsed again as the same, however it was split; heartbeats and the frames of gateway
/// links are read by hand as the generated classes read them, and written by hand as those write them.
/// </summary>
internal static class ClientMessages
{
    public static Target Target { get; } = new(
        "client-frames", Judge, static () => [.. Vectors.Payloads("client.json"), .. Vectors.Payloads("malformed.json"), Extreme().ToByteArray()], ProtobufWords.All);

    private static bool Judge(byte[] input)
    {
        var payload = new ReadOnlySequence<byte>(input);
        bool parsed = ClientFrames.TryParse(payload, out ClientFrame? frame, out FrameFault fault);
        ReadOnlySequence<byte> pieces = Pieces.Of(input, 1 + (input.Length % 7));
        bool again = ClientFrames.TryParse(pieces, out ClientFrame? other, out FrameFault otherFault);
        Oracle.Holds(parsed == again && fault == otherFault && Equals(frame, other), "segments are parsed as something else than contiguous bytes");
        Oracle.Holds(parsed == (fault == FrameFault.None) && parsed == (frame is not null), "the fault does not say whether there is a frame");
        CheckHeartbeat(input, pieces, frame);
        CheckSessions(payload, frame);
        CheckSessions(pieces, frame);
        if (frame is null)
        {
            return false;
        }

        CheckWritten(frame);
        return true;
    }

    private static ClientFrame Extreme() => new()
    {
        SessionsUp = new SessionsUp { Seq = ulong.MaxValue, UserIds = { 0, ulong.MaxValue, 1 }, Status = (Status)(-1), DeviceKind = (DeviceKind)int.MinValue },
    };

    private static void CheckWritten(ClientFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        ClientFrames.Write(output, frame, Framing.LengthPrefix);
        ReadOnlySpan<byte> stream = output.WrittenSpan;
        bool isFrame = FrameReader.TryRead(ref stream, ProtocolLimits.MaxFrameBytes, out ReadOnlySpan<byte> payload, out _) == FrameReadResult.Frame;
        Oracle.Holds(isFrame && stream.IsEmpty, "what was written is not one frame");
        bool parsed = ClientFrames.TryParse(new ReadOnlySequence<byte>(payload.ToArray()), out ClientFrame? again, out _);
        Oracle.Holds(parsed && frame.Equals(again), "what was written is parsed as something else");
    }

    private static void CheckHeartbeat(byte[] input, in ReadOnlySequence<byte> pieces, ClientFrame? frame)
    {
        bool read = HeartbeatFrame.TryRead(input, out HeartbeatFlags flags);
        Oracle.Holds(read == HeartbeatFrame.TryRead(pieces, out HeartbeatFlags again) && flags == again, "a heartbeat depends on how it is split");
        Oracle.Holds(
            !read || (frame?.FrameCase == ClientFrame.FrameOneofCase.Heartbeat && HeartbeatFrame.FromValue(frame.Heartbeat) == flags),
            "a heartbeat read by hand is none of the generated class");
    }

    private static void CheckSessions(in ReadOnlySequence<byte> payload, ClientFrame? frame)
    {
        if (frame is not null && SessionsFrame.TryTake(frame, out SessionsFrame taken))
        {
            CheckSessionsWritten(taken, frame);
            CheckSessionsRead(payload, taken);
            taken.Return();
        }
        else if (SessionsFrame.TryRead(payload, out SessionsFrame read))
        {
            read.Return();
            Oracle.Holds(false, "a frame of sessions is read by hand that the generated class does not know as one");
        }
    }

    // What is spelled in the rarest ways is left to the generated class.
    private static void CheckSessionsRead(in ReadOnlySequence<byte> payload, in SessionsFrame taken)
    {
        if (!SessionsFrame.TryRead(payload, out SessionsFrame read))
        {
            return;
        }

        bool same = (read.Verb, read.Seq, read.Status, read.Kind) == (taken.Verb, taken.Seq, taken.Status, taken.Kind) && read.Users.SequenceEqual(taken.Users);
        read.Return();
        Oracle.Holds(same, "a frame of sessions read by hand is not what the generated class reads");
    }

    private static void CheckSessionsWritten(in SessionsFrame taken, ClientFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        SessionsFrame.Write(output, taken.Verb, taken.Seq, taken.Users, taken.Status, taken.Kind, Framing.Message);
        Oracle.Equal(frame.ToByteArray(), output.WrittenSpan, "a frame of sessions is written as other bytes than the generated class writes");
    }
}
