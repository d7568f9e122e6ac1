using System.Buffers;
using System.Buffers.Binary;
using Presence.Protocol;
using Presence.Server.Transport.WebSockets;

namespace Presence.Fuzz.Targets;

/// <summary>
/// The frames of WebSocket as a client sends them, headers and payloads. The verdict on a header does not depend on how much has come or how it is split; a
/// frame that was taken is written as the same bytes; the mask comes off the same in pieces, and the pieces of a message come together.
/// </summary>
internal static class WebSocketFrames
{
    public static Target Target { get; } = new(
        "websocket", Judge, Seeds, [[0x82, 0x82], [0x82, 0xFE], [0x82, 0xFF, 0, 0, 0, 0], [0x02, 0x81], [0x80, 0x81], [0x89, 0x80], [0x88, 0x82], [0x03, 0xE8], [0, 0, 0, 0], [0x08, 0x03]]);

    private static bool Judge(byte[] input)
    {
        var message = new FragmentedMessage();
        var expected = new List<byte>();
        bool inMessage = false;
        int at = 0, frames = 0;
        CheckBeats(input);
        while (TryReadHeader(input[at..], inMessage, out ClientHeader header) && header.PayloadBytes <= input.Length - at - header.Bytes)
        {
            int end = at + header.Bytes + (int)header.PayloadBytes;
            byte[] payload = Unmask(input[(at + header.Bytes)..end], header.Mask);
            Oracle.Equal(input.AsSpan(at..end), Write(header, payload), "a frame is written as other bytes");
            if (header.Opcode == Opcode.Close)
            {
                CheckClose(payload);
            }
            else if (!header.IsControl)
            {
                message.Append(Pieces.Of(input[(at + header.Bytes)..end], 1 + (end % 9)), header.Mask);
                expected.AddRange(payload);
                inMessage = !header.IsFinal;
                CheckMessage(message, expected, header.IsFinal);
            }

            (at, frames) = (end, frames + 1);
        }

        message.Release();
        return frames > 0;
    }

    private static bool TryReadHeader(byte[] bytes, bool inMessage, out ClientHeader header)
    {
        FrameReadResult whole = ClientHeader.TryRead(bytes, inMessage, out header);
        FrameReadResult pieces = ClientHeader.TryRead(Pieces.Of(bytes[..Math.Min(bytes.Length, 2 * ClientHeader.MaxBytes)], 1 + (bytes.Length % 4)), inMessage, out ClientHeader again);
        Oracle.Holds(whole == pieces && (whole != FrameReadResult.Frame || header == again), "a header in segments is read as another one");
        for (int length = 0; length < Math.Min(bytes.Length, ClientHeader.MaxBytes); length++)
        {
            FrameReadResult part = ClientHeader.TryRead(bytes.AsSpan(0, length), inMessage, out ClientHeader early);
            Oracle.Holds(part == FrameReadResult.NeedMore || (part == whole && (part != FrameReadResult.Frame || early == header)), "a part of a header is judged otherwise than the whole");
        }

        Oracle.Holds(whole != FrameReadResult.NeedMore || bytes.Length < ClientHeader.MaxBytes, "a header may go on for ever");
        return whole == FrameReadResult.Frame;
    }

    private static byte[] Unmask(byte[] masked, uint mask)
    {
        byte[] payload = new byte[masked.Length];
        for (int i = 0; i < masked.Length; i++)
        {
            payload[i] = (byte)(masked[i] ^ (mask >> (8 * (i % 4))));
        }

        byte[] taken = new byte[masked.Length];
        Masking.Apply(mask, new ReadOnlySequence<byte>(masked), taken);
        Oracle.Equal(payload, taken, "the mask comes off as something else");
        return payload;
    }

    private static byte[] Write(in ClientHeader header, byte[] payload)
    {
        var output = new ArrayBufferWriter<byte>(ClientHeader.MaxBytes + payload.Length);
        output.Write([(byte)((byte)header.Opcode | (header.IsFinal ? 0x80 : 0))]);
        byte[] length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
        output.Write((ReadOnlySpan<byte>)(payload.Length <= 125 ? [(byte)(0x80 | payload.Length)] : payload.Length <= ushort.MaxValue ? [0xFE, .. length[6..]] : [0xFF, .. length]));
        byte[] mask = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(mask, header.Mask);
        output.Write(mask);
        for (int i = 0; i < payload.Length; i++)
        {
            output.Write([(byte)(payload[i] ^ mask[i % 4])]);
        }

        return output.WrittenSpan.ToArray();
    }

    private static void CheckMessage(FragmentedMessage message, List<byte> expected, bool isFinal)
    {
        Oracle.Equal(expected.ToArray(), message.Payload.ToArray(), "the pieces of a message come together as something else");
        if (isFinal)
        {
            message.Release();
            expected.Clear();
        }
    }

    private static void CheckClose(byte[] payload)
    {
        ushort answer = CloseStatus.AnswerTo(payload);
        bool ours = answer is CloseStatus.None or CloseStatus.ProtocolError or CloseStatus.NoText;
        Oracle.Holds(ours || (payload.Length >= 2 && answer == BinaryPrimitives.ReadUInt16BigEndian(payload)), "a close is answered with another number");
        Oracle.Holds(answer is 0 or (>= 1000 and <= 4999) and not (1004 or 1005 or 1006 or 1015), "a close is answered with a number that is never sent");
    }

    private static void CheckBeats(byte[] input)
    {
        int consumed = HeartbeatMessages.Consume(input, out HeartbeatFlags combined);
        HeartbeatFlags expected = HeartbeatFlags.None;
        int at = 0;
        while (ClientHeader.TryRead(input.AsSpan(at), inMessage: false, out ClientHeader header) == FrameReadResult.Frame
            && header is { IsFinal: true, Opcode: Opcode.Binary, PayloadBytes: 2 } && input.Length - at >= HeartbeatMessages.Bytes
            && HeartbeatFrame.TryRead(Unmask(input[(at + header.Bytes)..(at + HeartbeatMessages.Bytes)], header.Mask), out HeartbeatFlags flags))
        {
            expected |= flags;
            at += HeartbeatMessages.Bytes;
        }

        Oracle.Holds(consumed == at && combined == expected, "a run of heartbeats is not what is read one by one");
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] beat = Frame(Opcode.Binary, [8, 3]);
        yield return [.. beat, .. beat, .. Frame(Opcode.Ping, "ab"u8.ToArray())];
        yield return [.. Frame(Opcode.Binary, new byte[40], isFinal: false), .. Frame(Opcode.Pong, []), .. Frame(Opcode.Continuation, new byte[130], isFinal: false), .. Frame(Opcode.Continuation, [1])];
        yield return Frame(Opcode.Text, "text"u8.ToArray());
        yield return Frame(Opcode.Close, [0x03, 0xE8, .. "bye"u8]);
        yield return Frame(Opcode.Close, [0x03, 0xEC]);
        yield return Frame(Opcode.Close, []);
        yield return Frame(Opcode.Binary, new byte[3_000]);
        foreach (byte[] payload in Vectors.Payloads("client.json"))
        {
            yield return Frame(Opcode.Binary, payload);
        }
    }

    private static byte[] Frame(Opcode opcode, byte[] payload, bool isFinal = true) => Write(new ClientHeader(opcode, isFinal, payload.Length, 0x04030201, 0), payload);
}
