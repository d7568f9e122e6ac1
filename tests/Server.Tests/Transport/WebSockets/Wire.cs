using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Presence.V1;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>WebSocket frames as a client writes them, and as it should not: RFC 6455 written down a second time.</summary>
internal static class Wire
{
    public const int Continuation = 0, Text = 1, Binary = 2, Closing = 8, Pinging = 9, Ponging = 10;

    // Every bit of it set somewhere.
    private static readonly byte[] s_mask = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Frame(int opcode, byte[] payload, bool final = true, int reserved = 0, bool masked = true)
    {
        List<byte> frame = [(byte)((final ? 0x80 : 0) | (reserved << 4) | opcode)];
        int bit = masked ? 0x80 : 0;
        if (payload.Length <= 125)
        {
            frame.Add((byte)(bit | payload.Length));
        }
        else if (payload.Length <= 65_535)
        {
            frame.AddRange([(byte)(bit | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
        }
        else
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, payload.Length);
            frame.AddRange([(byte)(bit | 127), .. length]);
        }

        if (masked)
        {
            frame.AddRange(s_mask);
        }

        frame.AddRange(masked ? payload.Select((one, i) => (byte)(one ^ s_mask[i % 4])) : payload);
        return [.. frame];
    }

    public static byte[] Ping(string payload) => Frame(Pinging, Encoding.Latin1.GetBytes(payload));

    public static byte[] Pong(string payload) => Frame(Ponging, Encoding.Latin1.GetBytes(payload));

    /// <summary>A close frame; without a status it is empty.</summary>
    public static byte[] Close(int status = 0, string reason = "") =>
        Frame(Closing, status == 0 ? [] : [(byte)(status >> 8), (byte)status, .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>A message in frames of at most so many bytes.</summary>
    public static byte[] Fragmented(byte[] payload, int each)
    {
        byte[][] parts = [.. payload.Chunk(each)];
        return [.. parts.SelectMany((part, i) => Frame(i == 0 ? Binary : Continuation, part, final: i == parts.Length - 1))];
    }

    /// <summary>A heartbeat that asks for its answer, of any length but 3 and 4: what is too much is a field nobody knows.</summary>
    public static byte[] Beat(int bytes = 2)
    {
        byte[] beat = [0x08, 0x02];
        if (bytes == beat.Length)
        {
            return beat;
        }

        int lengthBytes = 1;
        while (CodedOutputStream.ComputeLengthSize(bytes - 4 - lengthBytes) != lengthBytes)
        {
            lengthBytes++;
        }

        byte[] length = new byte[lengthBytes];
        using var output = new CodedOutputStream(length);
        output.WriteLength(bytes - 4 - lengthBytes);
        output.Flush();
        return [.. beat, 0x92, 0x7D, .. length, .. new byte[bytes - 4 - lengthBytes]];
    }

    /// <summary>The beat in one frame.</summary>
    public static byte[] BeatMessage(int bytes = 20) => Frame(Binary, Beat(bytes));

    public static byte[] Message(ClientFrame frame) => Frame(Binary, frame.ToByteArray());
}
