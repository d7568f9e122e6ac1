using System.Buffers.Binary;

namespace Presence.Protocol;

/// <summary>
/// Writes protobuf fields into a span that is known to be long enough; numbers of fields are below 16, so a tag is one byte.
/// </summary>
internal ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public static byte VarintTag(int field) => (byte)(field << 3);

    public static byte Fixed64Tag(int field) => (byte)((field << 3) | 1);

    public static byte BytesTag(int field) => (byte)((field << 3) | 2);

    public void Byte(byte value) => _destination[Position++] = value;

    public void Varint(ulong value) => Position += Protocol.Varint.Write(_destination[Position..], value);

    public void VarintField(int field, ulong value)
    {
        Byte(VarintTag(field));
        Varint(value);
    }

    public void Fixed64Field(int field, ulong value)
    {
        Byte(Fixed64Tag(field));
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[Position..], value);
        Position += sizeof(ulong);
    }

    /// <summary>Tag and length of a field whose bytes follow.</summary>
    public void BytesHeader(int field, int length)
    {
        Byte(BytesTag(field));
        Varint((uint)length);
    }

    public void BytesField(int field, ReadOnlySpan<byte> value)
    {
        BytesHeader(field, value.Length);
        value.CopyTo(_destination[Position..]);
        Position += value.Length;
    }
}
