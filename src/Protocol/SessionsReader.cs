using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// Reads one frame of sessions over segments. It takes only what it understands to the last byte and leaves the rest, wrong or merely strange, to the
/// generated parser: so there is one judge of what is malformed.
/// </summary>
internal ref struct SessionsReader(in ReadOnlySequence<byte> payload)
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int BytesType = 2;
    private const int Fixed32Type = 5;
    private const int TypeBits = 3;

    private SequenceReader<byte> _reader = new(payload);
    private ulong[] _ids = [];
    private int _count;
    private ulong _seq;
    private Status _status;
    private DeviceKind _kind;

    public bool TryRead(out SessionsFrame frame)
    {
        frame = default;
        if (!TryReadVerb(out var verb) || !TryReadLength(out var length) || length != _reader.Remaining)
        {
            return false;
        }
        // Never more than the bytes that are here can hold.
        _ids = ArrayPool<ulong>.Shared.Rent((int)Math.Max(1, _reader.Remaining / sizeof(ulong)));
        while (!_reader.End)
        {
            if (!TryReadField(verb))
            {
                ArrayPool<ulong>.Shared.Return(_ids);
                return false;
            }
        }
        frame = new(verb, _seq, _ids, _count, _status, _kind);
        return true;
    }

    private bool TryReadVerb(out SessionsVerb verb)
    {
        verb = default;
        if (!_reader.TryRead(out var tag))
        {
            return false;
        }
        verb = (SessionsVerb)((tag >> TypeBits) - ClientFrame.SessionsUpFieldNumber);
        return verb <= SessionsVerb.Down && tag == WireWriter.BytesTag(SessionsFrame.FieldOf(verb));
    }

    private bool TryReadField(SessionsVerb verb)
    {
        if (!TryReadVarint(out var tag) || tag is 0 or > uint.MaxValue)
        {
            return false;
        }
        var field = (int)(tag >> TypeBits);
        var type = (int)(tag & ((1 << TypeBits) - 1));
        return (field, type) switch
        {
            (SessionsUp.SeqFieldNumber, VarintType) => TryReadVarint(out _seq),
            (SessionsUp.UserIdsFieldNumber, BytesType) => TryReadPacked(),
            (SessionsUp.UserIdsFieldNumber, Fixed64Type) => TryReadId(),
            (SessionsUp.StatusFieldNumber, VarintType) when verb == SessionsVerb.Up => TryReadStatus(),
            (SessionsUp.DeviceKindFieldNumber, VarintType) when verb == SessionsVerb.Up => TryReadKind(),
            (0, _) => false,
            _ => TrySkip(type),
        };
    }

    private bool TryReadPacked()
    {
        if (!TryReadLength(out var length) || length > _reader.Remaining || length % sizeof(ulong) != 0)
        {
            return false;
        }
        var ids = length / sizeof(ulong);
        var into = _ids.AsSpan(_count, ids);
        _reader.TryCopyTo(MemoryMarshal.AsBytes(into));
        _reader.Advance(length);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(into, into);
        }
        _count += ids;
        return true;
    }

    private bool TryReadId()
    {
        if (!_reader.TryReadLittleEndian(out long id))
        {
            return false;
        }
        _ids[_count++] = (ulong)id;
        return true;
    }

    private bool TryReadStatus()
    {
        var read = TryReadVarint(out var value);
        _status = (Status)(int)value;
        return read;
    }

    private bool TryReadKind()
    {
        var read = TryReadVarint(out var value);
        _kind = (DeviceKind)(int)value;
        return read;
    }

    private bool TrySkip(int type) => type switch
    {
        VarintType => TryReadVarint(out _),
        Fixed64Type => TryAdvance(sizeof(ulong)),
        Fixed32Type => TryAdvance(sizeof(uint)),
        BytesType => TryReadLength(out var length) && TryAdvance(length),
        _ => false,
    };

    private bool TryAdvance(int bytes)
    {
        if (bytes > _reader.Remaining)
        {
            return false;
        }
        _reader.Advance(bytes);
        return true;
    }

    private bool TryReadLength(out int length)
    {
        var read = TryReadVarint(out var value) && value <= int.MaxValue;
        length = (int)value;
        return read;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * Varint.MaxBytes; shift += 7)
        {
            if (!_reader.TryRead(out var group))
            {
                return false;
            }
            value |= (ulong)(group & 0x7F) << shift;
            if (group < 0x80)
            {
                return true;
            }
        }
        return false;
    }
}
