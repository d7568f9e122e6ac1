using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Cluster;
using Presence.V1;

namespace Presence.Fuzz.Targets;

/// <summary>Batches between nodes. What is read names users and times that the engine can hold, and is written and read again as the same.</summary>
internal static class PeerBatches
{
    public static Target Target { get; } = new("peer-batch", Judge, Seeds, Words());

    private static bool Judge(byte[] input)
    {
        if (!TryRead(input, out byte[] written, out PeerBatch batch))
        {
            return false;
        }

        Oracle.Holds(batch.Changes.All(static change => change.Key == change.Value.UserId), "a change is another user's");
        Oracle.Holds(batch.Changes.Keys.Concat(batch.Reports.Select(static report => report.UserId)).All(UserId.IsValid), "somebody is no user");
        Oracle.Holds(batch.Questions.All(static asked => asked.UserIds.Length > 0 && asked.UserIds.All(UserId.IsValid) && (asked.Told is null || asked.Told.Length == asked.UserIds.Length)), "a question is about nobody, or not about whom its watchers were told of");
        Oracle.Holds(batch.Reports.All(static report => Enum.IsDefined(report.Kind)) && batch.Words.All(static word => Enum.IsDefined(word.Kind)), "something is of no kind");
        Oracle.Holds(TryRead(written, out byte[] again, out _), "a batch that was written is none");
        Oracle.Equal(written, again, "a batch is written as another one");
        return true;
    }

    private static bool TryRead(byte[] bytes, out byte[] written, out PeerBatch batch)
    {
        try
        {
            (ShardAddress from, ChannelStamp stamp, batch) = PeerCodec.Decode(bytes);
            written = PeerCodec.Encode(from, stamp, batch);
            return true;
        }
        catch (InvalidDataException)
        {
            (written, batch) = ([], new());
            return false;
        }
    }

    private static IEnumerable<byte[]> Seeds()
    {
        PresenceState busy = PresenceState.NeverSeen(7) with { Version = 11, Status = Status.Busy, Kinds = DeviceKinds.Mobile, StatusText = "x"u8.ToArray() };
        var batch = new PeerBatch { Clock = 9_000, WatermarkMs = 1_790_000_000_123, IsComplete = true, RingVersion = 5L << 28, Shards = 2 };
        yield return Bytes(batch);
        batch.Changes[7] = busy;
        yield return Bytes(batch);
        foreach (ReportKind kind in Enum.GetValues<ReportKind>())
        {
            batch.Reports.Add(new(kind, 7, 1, 3) { Status = Status.Away, Kinds = DeviceKinds.Web, LastSeenMs = 5, SlotMs = 6, Token = 7, HiddenAsOf = kind == ReportKind.Up ? 1 : null });
        }

        yield return Bytes(batch);
        batch.Ask(new(1, 7, [7, 8]) { Told = [busy, PresenceState.NeverSeen(8)] });
        batch.Ask(new(2, 0, [9]));
        batch.Namings.Add(new(5, 300_000));
        yield return Bytes(batch);
        foreach (HomeWordKind kind in Enum.GetValues<HomeWordKind>())
        {
            batch.Words.Add(new(kind) { Token = 1, UserId = 7, DeviceKey = 2, SessionId = 3, State = busy });
        }

        yield return Bytes(batch);
    }

    private static byte[] Bytes(PeerBatch batch) => PeerCodec.Encode(new(3, 1), new(1_790_000_000_000, 7, 42), batch);

    private static byte[][] Words() => [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x08, 0x03, 0x10, 0x01], [0x0A, 0x00], [0, 0, 0, 0, 0, 0, 0, 0x80], [7, 0, 0, 0, 0, 0, 0, 0]];
}
