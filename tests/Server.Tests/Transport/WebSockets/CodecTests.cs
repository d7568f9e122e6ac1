using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Presence.Server.Transport.WebSockets;
using Xunit;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>Headers, masks, runs of heartbeats and the upgrade as functions of bytes.</summary>
public class CodecTests
{
    private static readonly BrowserOrigins s_noPages = new(new PresenceConfiguration());

    private static readonly Gen<byte[]> s_headers = Gen.Frequency(
        (6, Gen.Byte[0x80, 0x82]), (2, Gen.Byte[0x88, 0x8A]), (3, Gen.Byte[0, 2]), (6, Gen.Byte[0xFD, 0xFF]), (3, Gen.Byte[0, 0]), (1, Gen.Byte)).Array[0, 20];

    [Fact]
    public void A_header_comes_out_as_it_went_in() =>
        Gen.Select(OneOf(Wire.Binary, Wire.Text, Wire.Pinging), Gen.Frequency((3, Gen.Int[0, 130]), (1, Gen.Int[65_530, 65_540]))).Sample((opcode, length) =>
        {
            byte[] frame = Wire.Frame(opcode, new byte[opcode == Wire.Pinging ? Math.Min(length, 125) : length]);
            FrameReadResult result = ClientHeader.TryRead(frame, inMessage: false, out ClientHeader header);
            return result == FrameReadResult.Frame && (int)header.Opcode == opcode && header.IsFinal
                && header.Bytes + header.PayloadBytes == frame.Length
                // Zeros, so that what is on the wire is the mask itself.
                && frame.AsSpan(header.Bytes - 4, 4).SequenceEqual(BytesOf(header.Mask));
        });

    [Fact]
    public void Arbitrary_bytes_get_the_same_verdict_however_they_are_split() =>
        Gen.Select(s_headers, Gen.Bool, Gen.Int[0, 20].Array[0, 4]).Sample((bytes, inMessage, cuts) =>
        {
            FrameReadResult whole = ClientHeader.TryRead(bytes, inMessage, out ClientHeader header);
            FrameReadResult split = ClientHeader.TryRead(Cut(bytes, cuts), inMessage, out ClientHeader again);
            bool same = whole == split && (whole != FrameReadResult.Frame || header == again);
            // As they arrive: what was decided by a part is decided by the whole, and the other way round at its last byte.
            for (int i = 0; i < bytes.Length; i++)
            {
                FrameReadResult part = ClientHeader.TryRead(bytes.AsSpan(0, i), inMessage, out ClientHeader early);
                same &= part == FrameReadResult.NeedMore || (part == whole && (part != FrameReadResult.Frame || early == header));
            }

            return same;
        }, iter: 20_000);

    [Fact]
    public void The_generator_of_headers_is_not_vacuous()
    {
        var seen = new Dictionary<FrameReadResult, int>();
        Gen.Select(s_headers, Gen.Bool).Sample(
            (bytes, inMessage) =>
            {
                FrameReadResult result = ClientHeader.TryRead(bytes, inMessage, out _);
                seen[result] = seen.GetValueOrDefault(result) + 1;
            },
            iter: 5_000, threads: 1);
        Assert.All(Enum.GetValues<FrameReadResult>(), result => Assert.True(seen.GetValueOrDefault(result) > 100, $"{result}"));
    }

    [Theory]
    [InlineData("not masked", "8201")]
    [InlineData("reserved bit", "C2")]
    [InlineData("reserved opcode", "83")]
    [InlineData("continues nothing", "80")]
    [InlineData("control in pieces", "09")]
    [InlineData("control of 126 bytes", "89FE")]
    [InlineData("125 bytes in a longer length", "82FE007D")]
    [InlineData("65,535 bytes in a longer length", "82FF000000000000FFFF")]
    [InlineData("2^63 bytes", "82FF8000000000000000")]
    public void What_no_client_may_send_is_malformed_at_the_byte_that_decides_it(string what, string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.True(FrameReadResult.NeedMore == ClientHeader.TryRead(bytes.AsSpan(0, bytes.Length - 1), false, out _), what);
        Assert.True(FrameReadResult.Malformed == ClientHeader.TryRead(bytes, false, out _), what);
    }

    [Fact]
    public void In_a_message_only_its_next_frame_or_a_control_frame_may_come()
    {
        Assert.Equal(FrameReadResult.Malformed, ClientHeader.TryRead([0x82], inMessage: true, out _));
        Assert.Equal(FrameReadResult.Frame, ClientHeader.TryRead([0x80, 0x81, 1, 2, 3, 4], inMessage: true, out _));
        Assert.Equal(FrameReadResult.Frame, ClientHeader.TryRead([0x8A, 0x80, 1, 2, 3, 4], inMessage: true, out _));
    }

    [Fact]
    public void The_mask_is_taken_off_wherever_the_bytes_are_split() =>
        Gen.Select(Gen.UInt, Gen.Byte.Array[0, 300], Gen.Int[0, 300].Array[0, 4]).Sample((mask, payload, cuts) =>
        {
            byte[] turn = BytesOf(mask);
            byte[] expected = [.. payload.Select((one, i) => (byte)(one ^ turn[i % 4]))];
            byte[] whole = new byte[payload.Length + 3], split = new byte[payload.Length + 3];
            Masking.Apply(mask, new ReadOnlySequence<byte>(payload), whole);
            Masking.Apply(mask, Cut(payload, cuts), split);
            return whole.AsSpan(0, payload.Length).SequenceEqual(expected) && split.AsSpan().SequenceEqual(whole);
        });

    [Fact]
    public void A_run_of_heartbeats_is_taken_up_to_what_is_none()
    {
        byte[] beats = [.. Wire.Frame(Wire.Binary, [0x08, 0x01]), .. Wire.Frame(Wire.Binary, [0x08, 0x02]), .. Wire.Frame(Wire.Binary, [0x08, 0x00])];
        foreach (byte[] other in new[] { Wire.Ping("ab"), Wire.Frame(Wire.Text, [0x08, 0x01]), Wire.Frame(Wire.Binary, [0x10, 0x01]), Wire.Frame(Wire.Binary, [0x08, 0x80]), Wire.Frame(Wire.Binary, [0x08, 0x01], final: false), Wire.Frame(Wire.Binary, [0x08, 0x01])[..7] })
        {
            Assert.Equal(beats.Length, HeartbeatMessages.Consume([.. beats, .. other], out HeartbeatFlags flags));
            Assert.Equal(HeartbeatFlags.Active | HeartbeatFlags.WantAck, flags);
            Assert.Equal(0, HeartbeatMessages.Consume(other, out _));
        }
    }

    [Theory]
    [InlineData(0, "8200")]
    [InlineData(125, "827D")]
    [InlineData(126, "827E007E")]
    [InlineData(65_535, "827EFFFF")]
    [InlineData(65_536, "827F0000000000010000")]
    public void A_message_is_written_behind_the_shortest_header(int length, string header)
    {
        var output = new ArrayBufferWriter<byte>();
        byte[] payload = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        ServerHeader.Write(output, Opcode.Binary, payload);
        Assert.Equal([.. Convert.FromHexString(header), .. payload], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void A_request_is_judged_when_it_is_whole_and_by_nothing_behind_it()
    {
        byte[] request = WireClient.Request();
        for (int i = 0; i < request.Length; i++)
        {
            Assert.Equal(default, UpgradeRequest.Judge(request.AsSpan(0, i), s_noPages));
        }

        UpgradeVerdict verdict = UpgradeRequest.Judge([.. request, 0x82, 0x82, 0x0D, 0x0A], s_noPages);
        Assert.Equal((null, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", request.Length), (verdict.Refusal, verdict.Accept, verdict.Bytes));
    }

    [Fact]
    public void Arbitrary_lines_are_judged_the_same_however_they_arrive() =>
        OneOf("GET /v1/connect HTTP/1.1", "GET / HTTP/1.1", "\r\n", ":", "Host: a", "Upgrade: websocket", " ", "\r\n\r\n", "Key").Array[0, 12].Sample(lines =>
        {
            byte[] bytes = System.Text.Encoding.ASCII.GetBytes(string.Join("\r\n", lines));
            UpgradeVerdict whole = UpgradeRequest.Judge(bytes, s_noPages);
            return Enumerable.Range(0, bytes.Length).All(i => UpgradeRequest.Judge(bytes.AsSpan(0, i), s_noPages) is var part && (part == default || part == whole));
        });

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static byte[] BytesOf(uint mask)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, mask);
        return bytes;
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int[] places)
    {
        Piece? first = null, last = null;
        int from = 0;
        foreach (int place in places.Select(place => Math.Min(place, bytes.Length)).Order().Append(bytes.Length))
        {
            last = new Piece(bytes.AsMemory(from..place), last);
            first ??= last;
            from = place;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
