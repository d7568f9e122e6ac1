using System.Buffers;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>
/// Encodes the update that goes to every watcher of a change, a <see cref="PresenceBatch"/> of one entry, without allocation and byte for
/// byte as the generated class would. It names nobody but the watched user, so the bytes are the same for all watchers and can be shared.
/// </summary>
public static class UpdateFrame
{
    /// <summary>No update is longer, in either framing.</summary>
    public const int MaxBytes = EntryEncoder.MaxFieldBytes + 6;

    /// <summary>Bytes that <see cref="Write(Span{byte}, in PresenceState, Framing)"/> will write.</summary>
    public static int Size(in PresenceState state, Framing framing) =>
        HotFrame.Size(WireSize.BytesField(EntryEncoder.Size(state)), framing);

    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short (<see cref="MaxBytes"/> is always enough), or the status text over
    /// its limit.</exception>
    public static int Write(Span<byte> destination, in PresenceState state, Framing framing)
    {
        var entry = EntryEncoder.Size(state);
        var writer = HotFrame.Begin(destination, ServerFrame.PresenceBatchFieldNumber, WireSize.BytesField(entry), framing);
        EntryEncoder.WriteField(ref writer, state, entry);
        return writer.Position;
    }

    /// <inheritdoc cref="Write(Span{byte}, in PresenceState, Framing)"/>
    public static void Write(IBufferWriter<byte> output, in PresenceState state, Framing framing) =>
        output.Advance(Write(output.GetSpan(MaxBytes), state, framing));
}
