using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// <see cref="SessionsUp"/>, <see cref="SessionsBeat"/> or <see cref="SessionsDown"/> with its users in a pooled array: a frame of 50,000 ids is read and
/// written as one copy of its bytes, without a protobuf object. Whoever read it gives the array back with <see cref="Return"/>, once.
/// </summary>
/// <param name="Verb">Which of the three.</param>
/// <param name="Seq">Its number on the link.</param>
/// <param name="UserIds">Rented; the first <paramref name="Count"/> are the frame's, in its order, not judged.</param>
/// <param name="Count">How many users.</param>
/// <param name="Status">Of an Up; unspecified otherwise. Values of a newer peer are kept.</param>
/// <param name="Kind">Of an Up; unspecified otherwise.</param>
public readonly record struct SessionsFrame(SessionsVerb Verb, ulong Seq, ulong[] UserIds, int Count, Status Status, DeviceKind Kind)
{
    public ReadOnlySpan<ulong> Users => UserIds.AsSpan(0, Count);

    /// <summary>Gives the array back to the pool.</summary>
    public void Return() => ArrayPool<ulong>.Shared.Return(UserIds);

    /// <summary>
    /// Reads a payload that is one of the three frames and nothing else. False for everything else, malformed ones and the rarest spellings (fields nobody
    /// knows around the frame, groups) included: <see cref="ClientFrames"/> judges those, and <see cref="TryTake"/> has what it finds.
    /// </summary>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out SessionsFrame frame)
    {
        var reader = new SessionsReader(payload);
        return reader.TryRead(out frame);
    }

    /// <summary>The same from a parsed frame.</summary>
    public static bool TryTake(ClientFrame parsed, out SessionsFrame frame)
    {
        frame = parsed.FrameCase switch
        {
            ClientFrame.FrameOneofCase.SessionsUp =>
                Of(SessionsVerb.Up, parsed.SessionsUp.Seq, parsed.SessionsUp.UserIds, parsed.SessionsUp.Status, parsed.SessionsUp.DeviceKind),
            ClientFrame.FrameOneofCase.SessionsBeat =>
                Of(SessionsVerb.Beat, parsed.SessionsBeat.Seq, parsed.SessionsBeat.UserIds, default, default),
            ClientFrame.FrameOneofCase.SessionsDown =>
                Of(SessionsVerb.Down, parsed.SessionsDown.Seq, parsed.SessionsDown.UserIds, default, default),
            _ => default,
        };
        return frame.UserIds is not null;
    }

    /// <summary>Writes a frame byte for byte as the generated class would; how many ids a server takes is in its <c>GatewayWelcome.limits</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="verb">Which frame.</param>
    /// <param name="seq">Its number on the link.</param>
    /// <param name="userIds">Its users.</param>
    /// <param name="status">Only of an Up.</param>
    /// <param name="kind">Only of an Up.</param>
    /// <param name="framing">With or without the length in front.</param>
    /// <exception cref="ArgumentException">A status or kind with another verb than Up, or more ids than a frame can hold.</exception>
    public static void Write(
        IBufferWriter<byte> output,
        SessionsVerb verb,
        ulong seq,
        ReadOnlySpan<ulong> userIds,
        Status status = Status.Unspecified,
        DeviceKind kind = DeviceKind.Unspecified,
        Framing framing = Framing.LengthPrefix)
    {
        if (verb != SessionsVerb.Up && (status != Status.Unspecified || kind != DeviceKind.Unspecified))
        {
            throw new ArgumentException("Only SessionsUp carries a status and a device kind.", nameof(verb));
        }
        if (userIds.Length > ProtocolLimits.MaxLinkFrameBytes / sizeof(ulong))
        {
            throw new ArgumentException($"{userIds.Length} ids are no frame; split them by the limit link_ids.", nameof(userIds));
        }
        var ids = userIds.Length * sizeof(ulong);
        var message = VarintSize(seq) + (ids == 0 ? 0 : WireSize.BytesField(ids)) + VarintSize(Raw(status)) + VarintSize(Raw(kind));
        WriteHead(output, verb, message, seq, ids, framing);
        WriteIds(output, userIds);
        WriteTail(output, status, kind);
    }

    private const int MaxHeadBytes = LengthPrefix.MaxBytes + (2 * (WireSize.Tag + LengthPrefix.MaxBytes)) + WireSize.Tag + Varint.MaxBytes;
    private const int MaxTailBytes = 2 * (WireSize.Tag + Varint.MaxBytes);

    internal static int FieldOf(SessionsVerb verb) => ClientFrame.SessionsUpFieldNumber + (int)verb;

    private static SessionsFrame Of(SessionsVerb verb, ulong seq, Google.Protobuf.Collections.RepeatedField<ulong> ids, Status status, DeviceKind kind)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(ids.Count);
        ids.CopyTo(rented, 0);
        return new(verb, seq, rented, ids.Count, status, kind);
    }

    private static void WriteHead(IBufferWriter<byte> output, SessionsVerb verb, int message, ulong seq, int ids, Framing framing)
    {
        var writer = new WireWriter(output.GetSpan(MaxHeadBytes));
        if (framing == Framing.LengthPrefix)
        {
            writer.Varint((uint)WireSize.BytesField(message));
        }
        writer.BytesHeader(FieldOf(verb), message);
        if (seq != 0)
        {
            writer.VarintField(SessionsUp.SeqFieldNumber, seq);
        }
        if (ids != 0)
        {
            writer.BytesHeader(SessionsUp.UserIdsFieldNumber, ids);
        }
        output.Advance(writer.Position);
    }

    private static void WriteIds(IBufferWriter<byte> output, ReadOnlySpan<ulong> userIds)
    {
        if (BitConverter.IsLittleEndian)
        {
            output.Write(MemoryMarshal.AsBytes(userIds));
            return;
        }
        foreach (var id in userIds)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(sizeof(ulong)), id);
            output.Advance(sizeof(ulong));
        }
    }

    private static void WriteTail(IBufferWriter<byte> output, Status status, DeviceKind kind)
    {
        var writer = new WireWriter(output.GetSpan(MaxTailBytes));
        if (status != Status.Unspecified)
        {
            writer.VarintField(SessionsUp.StatusFieldNumber, Raw(status));
        }
        if (kind != DeviceKind.Unspecified)
        {
            writer.VarintField(SessionsUp.DeviceKindFieldNumber, Raw(kind));
        }
        output.Advance(writer.Position);
    }

    private static int VarintSize(ulong value) => value == 0 ? 0 : WireSize.VarintField(value);

    // Enums travel as int32: a value of a newer peer keeps its sign.
    private static ulong Raw(Status status) => (ulong)(int)status;

    private static ulong Raw(DeviceKind kind) => (ulong)(int)kind;
}
