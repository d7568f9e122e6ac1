using Google.Protobuf;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;
using Wire = Presence.Peer.V1;

namespace Presence.Server.Cluster;

/// <summary>
/// Batches between nodes as bytes: <c>presence.peer.v1.PeerBatch</c>. What a newer node says beyond that is passed over, thing by thing; what no node would say ends the
/// batch, as bytes that do not parse do: it is not taken, and the sender says all anew.
/// </summary>
internal static class PeerCodec
{
    // What the records on disk can hold; the engine relies on it.
    private const long LastTimeMs = Storage.PackedRecord.MaxTimeMs;

    public static byte[] Encode(ShardAddress from, in ChannelStamp stamp, PeerBatch batch)
    {
        var wire = new Wire.PeerBatch
        {
            Node = (uint)from.Node,
            Shard = (uint)from.Shard,
            Incarnation = stamp.Incarnation,
            Epoch = stamp.Epoch,
            Sequence = stamp.Sequence,
            Clock = batch.Clock,
            WatermarkMs = batch.WatermarkMs,
            IsComplete = batch.IsComplete,
            RingVersion = batch.RingVersion,
            Shards = (uint)batch.Shards,
            SentAwayMs = (ulong)batch.SentAwayMs,
        };
        if (batch.GoneLeftMs is { } leftMs)
        {
            wire.GoneLeftMs = (ulong)leftMs;
        }

        foreach (PresenceState change in batch.Changes.Values)
        {
            wire.Changes.Add(ToWire(change));
        }

        batch.Reports.ForEach(report => wire.Reports.Add(ReportCodec.ToWire(report)));
        wire.Questions.AddRange(batch.Questions.Select(ToWire));
        wire.Answers.AddRange(batch.Answers.Select(ToWire));
        batch.Words.ForEach(word => wire.Words.Add(ToWire(word)));
        batch.Namings.ForEach(naming => wire.Namings.Add(new Wire.LinkNaming { DeviceKey = naming.DeviceKey, LeftMs = (ulong)naming.LeftMs }));
        return wire.ToByteArray();
    }

    /// <exception cref="InvalidDataException">They are no batch.</exception>
    public static (ShardAddress From, ChannelStamp Stamp, PeerBatch Batch) Decode(ReadOnlySpan<byte> bytes)
    {
        Wire.PeerBatch wire;
        try
        {
            wire = Wire.PeerBatch.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"Not a batch of a peer: {e.Message}", e);
        }

        Check(wire.Node <= ushort.MaxValue && wire.Shards is > 0 and <= PeerLimits.Shards && wire.Shard < wire.Shards, "a sender that is no shard");
        var batch = new PeerBatch
        {
            Clock = wire.Clock,
            WatermarkMs = Time(wire.WatermarkMs),
            IsComplete = wire.IsComplete,
            RingVersion = wire.RingVersion,
            Shards = (int)wire.Shards,
            SentAwayMs = Span(wire.SentAwayMs),
            GoneLeftMs = wire.HasGoneLeftMs ? Span(wire.GoneLeftMs) : null,
        };
        foreach (Wire.PeerState change in wire.Changes)
        {
            batch.Changes[change.UserId] = FromWire(change);
        }

        batch.Reports.AddRange(wire.Reports.Where(ReportCodec.IsKnown).Select(ReportCodec.FromWire));
        foreach (Wire.PeerQuestion question in wire.Questions)
        {
            batch.Ask(FromWire(question));
        }

        foreach (Wire.PeerAnswer answer in wire.Answers)
        {
            batch.Answer(FromWire(answer));
        }

        batch.Words.AddRange(wire.Words.Where(static word => word.Kind is > Wire.HomeWordKind.Unspecified and <= Wire.HomeWordKind.NoRoom).Select(FromWire));
        batch.Namings.AddRange(wire.Namings.Select(FromWire));
        return (new((int)wire.Node, (int)wire.Shard), new(wire.Incarnation, wire.Epoch, wire.Sequence), batch);
    }

    internal static long Time(long ms) => ms is >= 0 and <= LastTimeMs ? ms : throw Bad($"a time of {ms}");

    private static long Span(ulong ms) => ms <= (ulong)PeerLimits.SlotMs ? (long)ms : throw Bad($"users who are held for {ms} ms");

    internal static ulong User(ulong id) => id is > 0 and <= long.MaxValue ? id : throw Bad($"user {id}");

    internal static Status StatusOf(Status status) => Enum.IsDefined(status) ? status : throw Bad($"status {(int)status}");

    internal static DeviceKinds Kinds(uint kinds) => kinds <= byte.MaxValue ? (DeviceKinds)kinds : throw Bad($"kinds of devices {kinds}");

    internal static byte[]? Text(ByteString text)
    {
        Check(text.Length <= ProtocolLimits.MaxStatusTextBytes && System.Text.Unicode.Utf8.IsValid(text.Span), "a text that is too long or no UTF-8");
        return text.IsEmpty ? null : text.ToByteArray();
    }

    internal static ByteString Text(byte[]? text) => text is null ? ByteString.Empty : ByteString.CopyFrom(text);

    internal static void Check(bool isRight, string what)
    {
        if (!isRight)
        {
            throw Bad(what);
        }
    }

    private static InvalidDataException Bad(string what) => new($"A batch of a peer has {what}.");

    private static LinkNaming FromWire(Wire.LinkNaming wire)
    {
        Check(wire.LeftMs <= (ulong)PeerLimits.SlotMs, $"a naming of {wire.LeftMs} ms");
        return new(wire.DeviceKey, (long)wire.LeftMs);
    }

    private static Wire.PeerState ToWire(in PresenceState state)
    {
        var wire = new Wire.PeerState
        {
            UserId = state.UserId,
            Version = state.Version,
            Status = state.Status,
            DeviceKinds = (uint)state.Kinds,
            StatusText = Text(state.StatusText),
        };
        if (state.LastActiveMs >= 0)
        {
            wire.LastActiveMs = state.LastActiveMs;
        }

        if (state.AsOfMs >= 0)
        {
            wire.AsOfMs = state.AsOfMs;
        }

        return wire;
    }

    private static PresenceState FromWire(Wire.PeerState wire) => new()
    {
        UserId = User(wire.UserId),
        Version = wire.Version,
        Status = StatusOf(wire.Status),
        LastActiveMs = wire.HasLastActiveMs ? Time(wire.LastActiveMs) : PresenceState.NoTime,
        AsOfMs = wire.HasAsOfMs ? Time(wire.AsOfMs) : PresenceState.NoTime,
        Kinds = Kinds(wire.DeviceKinds),
        StatusText = Text(wire.StatusText),
    };

    private static Wire.PeerQuestion ToWire(PeerQuestion question)
    {
        var wire = new Wire.PeerQuestion { Id = question.Id, Asker = question.Asker };
        wire.UserIds.AddRange(question.UserIds);
        foreach (PresenceState told in question.Told ?? [])
        {
            wire.Told.Add(ToWire(told));
        }

        return wire;
    }

    private static PeerQuestion FromWire(Wire.PeerQuestion wire)
    {
        Check(wire.UserIds.Count > 0 && (wire.Told.Count == 0 || wire.Told.Count == wire.UserIds.Count), "a question of no users, or with another number of states");
        return new(wire.Id, wire.Asker, [.. wire.UserIds.Select(User)])
        {
            Told = wire.Told.Count == 0 ? null : [.. wire.Told.Select(FromWire)],
        };
    }

    private static Wire.PeerAnswer ToWire(PeerAnswer answer)
    {
        var wire = new Wire.PeerAnswer { Id = answer.Id, AskerIsInvisible = answer.AskerIsInvisible };
        foreach (PresenceState state in answer.States)
        {
            wire.States.Add(ToWire(state));
        }

        return wire;
    }

    private static PeerAnswer FromWire(Wire.PeerAnswer wire) => new(wire.Id, [.. wire.States.Select(FromWire)], wire.AskerIsInvisible);

    private static Wire.HomeWord ToWire(in HomeWord word) => new()
    {
        Kind = (Wire.HomeWordKind)((int)word.Kind + 1),
        Token = word.Token,
        State = word.State.UserId == 0 ? null : ToWire(word.State),
        UserId = word.UserId,
        DeviceKey = word.DeviceKey,
        SessionId = word.SessionId,
        IsInvisible = word.IsInvisible,
        Version = word.Version,
    };

    private static HomeWord FromWire(Wire.HomeWord wire) => new((HomeWordKind)((int)wire.Kind - 1))
    {
        Token = wire.Token,
        State = wire.State is { } state ? FromWire(state) : default,
        UserId = wire.UserId,
        DeviceKey = wire.DeviceKey,
        SessionId = wire.SessionId,
        IsInvisible = wire.IsInvisible,
        Version = wire.Version,
    };
}
