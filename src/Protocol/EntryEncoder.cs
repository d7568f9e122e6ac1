using System.Numerics;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// Encodes a <see cref="PresenceState"/> as <see cref="PresenceEntry"/>: fields in order of their numbers, defaults left out.
/// </summary>
internal static class EntryEncoder
{
    /// <summary>No entry with a legal status text is longer, with its tag and length in a batch.</summary>
    public const int MaxFieldBytes = 200;

    /// <summary>Bytes of the entry itself.</summary>
    public static int Size(in PresenceState state)
    {
        var size = (state.UserId == 0 ? 0 : WireSize.Fixed64Field) + (state.Version == 0 ? 0 : WireSize.Fixed64Field);
        size += state.Status == Status.Unspecified ? 0 : WireSize.VarintField(StatusValue(state.Status));
        size += TimeSize(state.LastActiveMs) + TimeSize(state.AsOfMs);
        size += TextSize(state.StatusText);
        size += state.Kinds == DeviceKinds.None ? 0 : WireSize.BytesField(BitOperations.PopCount((uint)state.Kinds));
        return size + (state.Reset ? WireSize.BoolField : 0);
    }

    /// <summary>Writes the entry as a field of a batch, with tag and length.</summary>
    /// <param name="writer">Has room for it.</param>
    /// <param name="state">What to write.</param>
    /// <param name="size">Its <see cref="Size"/>, which the caller has computed to see whether it fits.</param>
    public static void WriteField(ref WireWriter writer, in PresenceState state, int size)
    {
        writer.BytesHeader(PresenceBatch.EntriesFieldNumber, size);
        WriteIdentity(ref writer, state);
        WriteTime(ref writer, PresenceEntry.LastActiveMsFieldNumber, state.LastActiveMs);
        if (state.StatusText is { Length: > 0 } text)
        {
            writer.BytesField(PresenceEntry.StatusTextFieldNumber, text);
        }
        WriteKinds(ref writer, state.Kinds);
        WriteTime(ref writer, PresenceEntry.AsOfMsFieldNumber, state.AsOfMs);
        if (state.Reset)
        {
            writer.VarintField(PresenceEntry.ResetFieldNumber, 1);
        }
    }

    private static void WriteIdentity(ref WireWriter writer, in PresenceState state)
    {
        if (state.UserId != 0)
        {
            writer.Fixed64Field(PresenceEntry.UserIdFieldNumber, state.UserId);
        }
        if (state.Version != 0)
        {
            writer.Fixed64Field(PresenceEntry.VersionFieldNumber, state.Version);
        }
        if (state.Status != Status.Unspecified)
        {
            writer.VarintField(PresenceEntry.StatusFieldNumber, StatusValue(state.Status));
        }
    }

    private static void WriteTime(ref WireWriter writer, int field, long ms)
    {
        if (ms >= 0)
        {
            writer.VarintField(field, (ulong)ms);
        }
    }

    private static void WriteKinds(ref WireWriter writer, DeviceKinds kinds)
    {
        if (kinds == DeviceKinds.None)
        {
            return;
        }
        writer.BytesHeader(PresenceEntry.DeviceKindsFieldNumber, BitOperations.PopCount((uint)kinds));
        for (var left = (uint)kinds; left != 0; left &= left - 1)
        {
            writer.Byte((byte)(BitOperations.TrailingZeroCount(left) + 1));
        }
    }

    // Enums travel as int32: a value of a newer peer keeps its sign.
    private static ulong StatusValue(Status status) => (ulong)(int)status;

    private static int TimeSize(long ms) => ms < 0 ? 0 : WireSize.VarintField((ulong)ms);

    private static int TextSize(byte[]? text)
    {
        if (text is null or { Length: 0 })
        {
            return 0;
        }
        if (text.Length > ProtocolLimits.MaxStatusTextBytes)
        {
            throw new ArgumentException(
                $"A status text has at most {ProtocolLimits.MaxStatusTextBytes} bytes, this one {text.Length}: refuse it on arrival.",
                nameof(text));
        }
        return WireSize.BytesField(text.Length);
    }
}
