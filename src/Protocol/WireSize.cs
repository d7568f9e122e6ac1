namespace Presence.Protocol;

/// <summary>Bytes of protobuf fields with numbers below 16.</summary>
internal static class WireSize
{
    public const int Tag = 1;
    public const int BoolField = Tag + 1;
    public const int Fixed64Field = Tag + sizeof(ulong);

    public static int VarintField(ulong value) => Tag + Varint.Size(value);

    public static int BytesField(int length) => Tag + Varint.Size((uint)length) + length;
}
