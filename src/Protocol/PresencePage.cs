using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// Fills one <see cref="PresenceBatch"/> frame with entries up to the frame limit, without allocation and byte for byte as the generated
/// class would. Entries are written behind room for the longest header; <see cref="Complete"/> writes the header right in front of them, so
/// nothing moves.
/// <code>
/// var page = new PresencePage(buffer, maxFrameBytes, framing, requestId, snapshot: true);
/// while (next &lt; states.Length &amp;&amp; page.TryAdd(states[next])) { next++; }
/// output.Write(page.Complete(more: next &lt; states.Length));
/// </code>
/// </summary>
public ref struct PresencePage
{
    /// <summary>The smallest limit a page is made for: any one entry fits, so that every page makes progress.</summary>
    public const int MinFrameBytes = 256;

    private const int HeaderRoom = LengthPrefix.MaxBytes + WireSize.Tag + LengthPrefix.MaxBytes + MaxFlagsBytes;
    private const int MaxFlagsBytes = WireSize.Tag + Varint.MaxBytes + WireSize.BoolField + WireSize.BoolField;

    private readonly Span<byte> _buffer;
    private readonly int _maxFrameBytes;
    private readonly Framing _framing;
    private readonly ulong? _requestId;
    private readonly bool _snapshot;
    private int _end;

    /// <param name="buffer">Scratch that holds the frame until it is sent; at least <see cref="BufferBytes"/> of the limit.</param>
    /// <param name="maxFrameBytes">The largest payload.</param>
    /// <param name="framing">With or without the length in front.</param>
    /// <param name="requestId">Of the Watch or Query that this answers; null in updates.</param>
    /// <param name="snapshot">An answer, not updates.</param>
    /// <exception cref="ArgumentException">The buffer or the limit is too small.</exception>
    public PresencePage(Span<byte> buffer, int maxFrameBytes, Framing framing, ulong? requestId, bool snapshot)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, MinFrameBytes);
        if (buffer.Length < BufferBytes(maxFrameBytes))
        {
            throw new ArgumentException(
                $"A page of {maxFrameBytes} bytes needs a buffer of {BufferBytes(maxFrameBytes)}, this one has {buffer.Length}.",
                nameof(buffer));
        }
        _buffer = buffer;
        _maxFrameBytes = maxFrameBytes;
        _framing = framing;
        _requestId = requestId;
        _snapshot = snapshot;
        _end = HeaderRoom;
    }

    /// <summary>Entries in the page.</summary>
    public int Count { get; private set; }

    /// <summary>The buffer that a page with this limit needs.</summary>
    public static int BufferBytes(int maxFrameBytes) => maxFrameBytes + HeaderRoom;

    /// <summary>
    /// Adds an entry. False: the page is full and the entry is not in it; complete this page and put the entry into the next.
    /// </summary>
    /// <exception cref="ArgumentException">The status text is over its limit.</exception>
    public bool TryAdd(in PresenceState state)
    {
        var entry = EntryEncoder.Size(state);
        var field = WireSize.BytesField(entry);
        if (WireSize.BytesField(FlagsBytes(more: true) + EntriesBytes + field) > _maxFrameBytes)
        {
            return false;
        }
        var writer = new WireWriter(_buffer[_end..]);
        EntryEncoder.WriteField(ref writer, state, entry);
        _end += writer.Position;
        Count++;
        return true;
    }

    /// <summary>Ends the page. The frame is a part of the buffer: send or copy it before the buffer is used again.</summary>
    /// <param name="more">More pages of this answer follow.</param>
    public readonly ReadOnlySpan<byte> Complete(bool more)
    {
        var batch = FlagsBytes(more) + EntriesBytes;
        var start = HeaderRoom + EntriesBytes - HotFrame.Size(batch, _framing);
        var frame = _buffer[start.._end];
        var writer = HotFrame.Begin(frame, ServerFrame.PresenceBatchFieldNumber, batch, _framing);
        if (_requestId is { } id)
        {
            writer.VarintField(PresenceBatch.RequestIdFieldNumber, id);
        }
        if (_snapshot)
        {
            writer.VarintField(PresenceBatch.SnapshotFieldNumber, 1);
        }
        if (more)
        {
            writer.VarintField(PresenceBatch.MoreFieldNumber, 1);
        }
        return frame;
    }

    private readonly int EntriesBytes => _end - HeaderRoom;

    private readonly int FlagsBytes(bool more) =>
        (_requestId is { } id ? WireSize.VarintField(id) : 0)
        + (_snapshot ? WireSize.BoolField : 0)
        + (more ? WireSize.BoolField : 0);
}
