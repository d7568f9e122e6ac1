using System.Buffers;

namespace Presence.Server.Transport.WebSockets;

/// <summary>What has come of a message in several frames. Hardly any client sends one, so there is none until its first frame is here.</summary>
internal sealed class FragmentedMessage
{
    private byte[] _buffer = [];

    public int Length { get; private set; }

    public ReadOnlySequence<byte> Payload => new(_buffer, 0, Length);

    /// <summary>Adds the payload of a frame; the caller has seen that the whole is within its limit.</summary>
    public void Append(in ReadOnlySequence<byte> masked, uint mask)
    {
        int length = Length + (int)masked.Length;
        if (length > _buffer.Length)
        {
            Grow(length);
        }

        Masking.Apply(mask, masked, _buffer.AsSpan(Length));
        Length = length;
    }

    /// <summary>Its bytes are needed no more.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, Length) = ([], 0);
    }

    private void Grow(int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, _buffer.Length * 2));
        int kept = Length;
        _buffer.AsSpan(0, kept).CopyTo(larger);
        Release();
        (_buffer, Length) = (larger, kept);
    }
}
