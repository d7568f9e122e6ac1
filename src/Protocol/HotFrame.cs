namespace Presence.Protocol;

/// <summary>The envelope of a hand-encoded server frame: [length] tag-of-the-oneof length-of-the-message, then the message.</summary>
internal static class HotFrame
{
    public static int Size(int messageBytes, Framing framing)
    {
        var payload = WireSize.BytesField(messageBytes);
        return framing == Framing.LengthPrefix ? LengthPrefix.Size(payload) + payload : payload;
    }

    /// <summary>Writes all that is in front of the message; the caller writes the message with what it gets.</summary>
    public static WireWriter Begin(Span<byte> destination, int field, int messageBytes, Framing framing)
    {
        var size = Size(messageBytes, framing);
        if (destination.Length < size)
        {
            throw new ArgumentException($"The frame takes {size} bytes, the destination has {destination.Length}.", nameof(destination));
        }
        var writer = new WireWriter(destination);
        if (framing == Framing.LengthPrefix)
        {
            writer.Varint((uint)WireSize.BytesField(messageBytes));
        }
        writer.BytesHeader(field, messageBytes);
        return writer;
    }
}
