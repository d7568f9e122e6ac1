using System.Buffers;
using System.Text;
using Google.Protobuf;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Fuzz.Targets;

/// <summary>
/// Frames of servers, as clients parse them. What is parsed is written and parsed again as the same; what the hand-written encoders can say they write as the
/// generated classes do.
/// </summary>
internal static class ServerMessages
{
    public static Target Target { get; } = new("server-frames", Judge, static () => Vectors.Payloads("server.json").Concat(Extremes()), ProtobufWords.All);

    private static bool Judge(byte[] input)
    {
        bool parsed = ServerFrames.TryParse(new ReadOnlySequence<byte>(input), out ServerFrame? frame, out FrameFault fault);
        bool again = ServerFrames.TryParse(Pieces.Of(input, 1 + (input.Length % 7)), out ServerFrame? other, out FrameFault otherFault);
        Oracle.Holds(parsed == again && fault == otherFault && Equals(frame, other), "segments are parsed as something else than contiguous bytes");
        Oracle.Holds(parsed == (fault == FrameFault.None) && parsed == (frame is not null), "the fault does not say whether there is a frame");
        if (frame is null)
        {
            return false;
        }

        CheckWritten(frame);
        CheckEncoders(frame);
        return true;
    }

    // Lengths within lengths: mutations seldom make a longer one that still parses.
    private static IEnumerable<byte[]> Extremes()
    {
        var entry = new PresenceEntry
        {
            UserId = ulong.MaxValue,
            Version = ulong.MaxValue,
            Status = (Status)(-1),
            LastActiveMs = long.MaxValue,
            AsOfMs = 0,
            StatusText = new string('x', ProtocolLimits.MaxStatusTextBytes),
            DeviceKinds = { Enumerable.Range(1, 7).Select(static kind => (DeviceKind)kind) },
            Reset = true,
        };
        PresenceBatch[] batches = [new() { Entries = { entry } }, new() { RequestId = ulong.MaxValue, Snapshot = true, More = true, Entries = { entry, new PresenceEntry(), entry } }];
        return batches.Select(static batch => new ServerFrame { PresenceBatch = batch }.ToByteArray());
    }

    private static void CheckWritten(ServerFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        ServerFrames.Write(output, frame, Framing.Message);
        bool parsed = ServerFrames.TryParse(new ReadOnlySequence<byte>(output.WrittenMemory), out ServerFrame? again, out _);
        Oracle.Holds(parsed && frame.Equals(again), "what was written is parsed as something else");
    }

    private static void CheckEncoders(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Ack:
                Span<byte> ack = stackalloc byte[AckFrame.MaxBytes];
                Same(frame, ack[..AckFrame.Write(ack, frame.Ack.RequestId, frame.Ack.Version, Framing.Message)]);
                break;
            case ServerFrame.FrameOneofCase.HeartbeatAck:
                HeartbeatAck beat = frame.HeartbeatAck;
                Span<byte> answer = stackalloc byte[HeartbeatAckFrame.MaxBytes];
                Same(frame, answer[..HeartbeatAckFrame.Write(answer, beat.ServerTimeMs, beat.HeartbeatIntervalMs, Framing.Message)]);
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch:
                CheckBatch(frame);
                break;
        }
    }

    private static void CheckBatch(ServerFrame frame)
    {
        PresenceBatch batch = frame.PresenceBatch;
        var states = new PresenceState[batch.Entries.Count];
        for (int i = 0; i < states.Length; i++)
        {
            if (!TrySay(batch.Entries[i], out states[i]))
            {
                return;
            }
        }

        const int Max = ProtocolLimits.MaxFrameBytes;
        var page = new PresencePage(new byte[PresencePage.BufferBytes(Max)], Max, Framing.Message, batch.HasRequestId ? batch.RequestId : null, batch.Snapshot);
        foreach (PresenceState state in states)
        {
            Oracle.Holds(page.TryAdd(state), "a batch that came in one frame does not fit one");
        }

        Same(frame, page.Complete(batch.More));
        if (states.Length == 1 && frame.Equals(new ServerFrame { PresenceBatch = new PresenceBatch { Entries = { batch.Entries } } }))
        {
            Span<byte> update = stackalloc byte[UpdateFrame.MaxBytes];
            Same(frame, update[..UpdateFrame.Write(update, states[0], Framing.Message)]);
            Oracle.Holds(UpdateFrame.Size(states[0], Framing.Message) == frame.CalculateSize(), "an update has another size than it says");
        }
    }

    private static void Same(ServerFrame frame, ReadOnlySpan<byte> written) =>
        Oracle.Equal(frame.ToByteArray(), written, "a frame is written by hand as other bytes than the generated class writes");

    // What the server itself says: a limited text, times that are times, kinds in order and each once.
    private static bool TrySay(PresenceEntry entry, out PresenceState state)
    {
        byte[] text = Encoding.UTF8.GetBytes(entry.StatusText);
        state = new PresenceState
        {
            UserId = entry.UserId,
            Version = entry.Version,
            Status = entry.Status,
            StatusText = text,
            LastActiveMs = entry.HasLastActiveMs ? (long)entry.LastActiveMs : PresenceState.NoTime,
            AsOfMs = entry.HasAsOfMs ? (long)entry.AsOfMs : PresenceState.NoTime,
            Reset = entry.Reset,
        };
        int highest = 0;
        foreach (DeviceKind kind in entry.DeviceKinds)
        {
            if ((int)kind <= highest || DeviceKindSet.Of(kind) == DeviceKinds.None)
            {
                return false;
            }

            highest = (int)kind;
            state.Kinds |= DeviceKindSet.Of(kind);
        }

        return text.Length <= ProtocolLimits.MaxStatusTextBytes && entry.LastActiveMs <= long.MaxValue && entry.AsOfMs <= long.MaxValue;
    }
}
