using System.Buffers.Binary;
using Presence.V1;

namespace Presence.LoadClient.Connections;

/// <summary>The parts of a <see cref="PresenceEntry"/> that a view is made of, and that are judged.</summary>
/// <param name="LastActiveMs">Unix milliseconds by the server's clock; 0: not told.</param>
/// <param name="IsReset">To be taken whatever is held.</param>
internal readonly record struct SeenEntry(ulong UserId, ulong Version, Status Status, ulong LastActiveMs = 0, bool IsReset = false);

/// <summary>
/// Reads the frame that arrives most, <see cref="PresenceBatch"/>, without allocation: a generator that collects garbage at the rate of the
/// deliveries measures its own pauses. Fields that a view does not need are skipped by their wire type.
/// </summary>
internal ref struct PresenceBatchReader
{
    private const byte FrameTag = ((int)ServerFrame.PresenceBatchFieldNumber << 3) | Bytes;
    private const int VarintType = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    private ReadOnlySpan<byte> _rest;

    private PresenceBatchReader(ReadOnlySpan<byte> message) => _rest = message;

    /// <summary>The request this answers; 0 for updates. Right once <see cref="Next"/> has returned false.</summary>
    public ulong RequestId { get; private set; }

    /// <summary>More pages of the answer follow. Right once <see cref="Next"/> has returned false.</summary>
    public bool More { get; private set; }

    /// <summary>False when the payload is another frame.</summary>
    public static bool TryBegin(ReadOnlySpan<byte> payload, out PresenceBatchReader reader)
    {
        reader = default;
        if (payload.IsEmpty || payload[0] != FrameTag)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = payload[1..];
        reader = new PresenceBatchReader(TakeBytes(ref rest));
        return true;
    }

    /// <summary>The next entry; false after the last.</summary>
    /// <exception cref="InvalidDataException">The bytes are no batch.</exception>
    public bool Next(out SeenEntry entry)
    {
        while (!_rest.IsEmpty)
        {
            int tag = (int)TakeVarint(ref _rest);
            switch (tag >> 3)
            {
                case PresenceBatch.EntriesFieldNumber:
                    entry = ReadEntry(TakeBytes(ref _rest));
                    return true;
                case PresenceBatch.RequestIdFieldNumber:
                    RequestId = TakeVarint(ref _rest);
                    break;
                case PresenceBatch.MoreFieldNumber:
                    More = TakeVarint(ref _rest) != 0;
                    break;
                default:
                    Skip(ref _rest, tag & 7);
                    break;
            }
        }

        entry = default;
        return false;
    }

    private static SeenEntry ReadEntry(ReadOnlySpan<byte> rest)
    {
        ulong userId = 0, version = 0, lastActiveMs = 0;
        bool isReset = false;
        var status = Status.Unspecified;
        while (!rest.IsEmpty)
        {
            int tag = (int)TakeVarint(ref rest);
            switch (tag >> 3)
            {
                case PresenceEntry.UserIdFieldNumber:
                    userId = TakeFixed64(ref rest);
                    break;
                case PresenceEntry.VersionFieldNumber:
                    version = TakeFixed64(ref rest);
                    break;
                case PresenceEntry.StatusFieldNumber:
                    status = (Status)TakeVarint(ref rest);
                    break;
                case PresenceEntry.LastActiveMsFieldNumber:
                    lastActiveMs = TakeVarint(ref rest);
                    break;
                case PresenceEntry.ResetFieldNumber:
                    isReset = TakeVarint(ref rest) != 0;
                    break;
                default:
                    Skip(ref rest, tag & 7);
                    break;
            }
        }

        return new SeenEntry(userId, version, status, lastActiveMs, isReset);
    }

    private static void Skip(scoped ref ReadOnlySpan<byte> rest, int wireType)
    {
        switch (wireType)
        {
            case VarintType:
                TakeVarint(ref rest);
                break;
            case Fixed64:
                TakeFixed64(ref rest);
                break;
            case Bytes:
                TakeBytes(ref rest);
                break;
            case Fixed32:
                Take(ref rest, sizeof(uint));
                break;
            default:
                throw new InvalidDataException($"A PresenceBatch has no field of wire type {wireType}.");
        }
    }

    private static ulong TakeVarint(scoped ref ReadOnlySpan<byte> rest)
    {
        ulong value = 0;
        for (int i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("A PresenceBatch ends within a varint.");
    }

    private static ulong TakeFixed64(scoped ref ReadOnlySpan<byte> rest) =>
        BinaryPrimitives.ReadUInt64LittleEndian(Take(ref rest, sizeof(ulong)));

    private static ReadOnlySpan<byte> TakeBytes(scoped ref ReadOnlySpan<byte> rest)
    {
        ulong length = TakeVarint(ref rest);
        return Take(ref rest, length <= int.MaxValue ? (int)length : int.MaxValue);
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, int count)
    {
        if (count > rest.Length)
        {
            throw new InvalidDataException($"A PresenceBatch ends {count - rest.Length} bytes too early.");
        }

        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
