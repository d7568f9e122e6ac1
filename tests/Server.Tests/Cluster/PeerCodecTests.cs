using Google.Protobuf;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Cluster;
using Presence.TestKit;
using Presence.V1;
using Xunit;
using Wire = Presence.Peer.V1;

namespace Presence.Server.Tests.Cluster;

/// <summary>What nodes say to each other, as bytes: all of it comes through, what a newer node says beyond is passed over, and what no node would say is no batch.</summary>
public sealed class PeerCodecTests
{
    private static readonly ShardAddress s_from = new(3, 1);
    private static readonly ChannelStamp s_stamp = new(1_790_000_000_000, 7, 42);

    [Fact]
    public void All_that_is_said_comes_through()
    {
        PeerBatch batch = Everything();
        (ShardAddress from, ChannelStamp stamp, PeerBatch read) = PeerCodec.Decode(PeerCodec.Encode(s_from, s_stamp, batch));
        Assert.Equal((s_from, s_stamp), (from, stamp));
        Assert.Equal((batch.Clock, batch.WatermarkMs, batch.IsComplete, batch.RingVersion, batch.Shards), (read.Clock, read.WatermarkMs, read.IsComplete, read.RingVersion, read.Shards));
        Assert.Equal((batch.GoneLeftMs, batch.SentAwayMs), (read.GoneLeftMs, read.SentAwayMs));
        Assert.Null(PeerCodec.Decode(PeerCodec.Encode(s_from, s_stamp, new PeerBatch { Shards = 2 })).Batch.GoneLeftMs);
        Assert.Equal(batch.Changes.Values.Select(Text), read.Changes.Values.Select(Text));
        Assert.Equal(batch.Reports.Select(Text), read.Reports.Select(Text));
        Assert.Equal(batch.Words.Select(static word => $"{word with { State = default }} {Text(word.State)}"), read.Words.Select(static word => $"{word with { State = default }} {Text(word.State)}"));
        Assert.Equal(batch.Questions.Select(static asked => (asked.Id, asked.Asker, string.Join(',', asked.UserIds), Text(asked.Told))), read.Questions.Select(static asked => (asked.Id, asked.Asker, string.Join(',', asked.UserIds), Text(asked.Told))));
        Assert.Equal(batch.Namings, read.Namings);
        Assert.Equal(batch.Answers.Select(static said => (said.Id, said.AskerIsInvisible, Text(said.States))), read.Answers.Select(static said => (said.Id, said.AskerIsInvisible, Text(said.States))));
    }

    [Fact]
    public void What_a_newer_node_says_beyond_is_passed_over()
    {
        var wire = Wire.PeerBatch.Parser.ParseFrom(PeerCodec.Encode(s_from, s_stamp, Everything()));
        int reports = wire.Reports.Count, words = wire.Words.Count;
        wire.Reports.Add(new Wire.SessionReport { Kind = (Wire.ReportKind)99, UserId = 1 });
        wire.Words.Add(new Wire.HomeWord { Kind = (Wire.HomeWordKind)99 });
        // Field 500, a varint.
        byte[] bytes = [.. wire.ToByteArray(), 0xA0, 0x1F, 0x01];
        PeerBatch read = PeerCodec.Decode(bytes).Batch;
        Assert.Equal((reports, words), (read.Reports.Count, read.Words.Count));
    }

    [Fact]
    public void What_no_node_would_say_is_no_batch()
    {
        Refused(static wire => wire.Shard = wire.Shards);
        Refused(static wire => wire.Shards = 65);
        Refused(static wire => wire.GoneLeftMs = ulong.MaxValue);
        Refused(static wire => wire.SentAwayMs = ulong.MaxValue);
        Refused(static wire => wire.Changes[0].UserId = 0);
        Refused(static wire => wire.Changes[0].Status = (Status)77);
        Refused(static wire => wire.Changes[0].LastActiveMs = long.MaxValue);
        Refused(static wire => wire.Changes[0].DeviceKinds = 256);
        Refused(static wire => wire.Changes[0].StatusText = ByteString.CopyFrom(0xFF));
        Refused(static wire => wire.Changes[0].StatusText = ByteString.CopyFrom(new byte[ProtocolLimits.MaxStatusTextBytes + 1]));
        Refused(static wire => wire.Reports[0].UserId = ulong.MaxValue);
        Refused(static wire => wire.Reports[0].Cause = 99);
        Refused(static wire => wire.Reports[0].SlotMs = long.MinValue);
        Refused(static wire => wire.Reports[0].LastSeenMs = -1);
        Refused(static wire => wire.Questions[0].UserIds.Clear());
        Refused(static wire => wire.Questions[0].Told.RemoveAt(0));
        Refused(static wire => wire.Namings[0].LeftMs = ulong.MaxValue);
        Refused(static wire => wire.WatermarkMs = -5);
    }

    /// <summary>Nodes of two versions talk to each other while they are deployed: what one said before must not mean something else. A new field is absent in these bytes, and goes into the next line.</summary>
    [Fact]
    public void What_earlier_versions_have_said_means_the_same()
    {
        string[] recorded = File.ReadAllLines(Path.Combine(ServerProcess.Repository, "proto", "vectors", "peer.hex"));

        string now = Convert.ToHexString(PeerCodec.Encode(s_from, s_stamp, Everything()));
        Assert.True(now == recorded[^1], $"The last line is not {now}");
        foreach (string bytes in recorded)
        {
            (ShardAddress from, ChannelStamp stamp, PeerBatch batch) = PeerCodec.Decode(Convert.FromHexString(bytes));
            Assert.Equal(bytes, Convert.ToHexString(PeerCodec.Encode(from, stamp, batch)));
        }
    }

    [Fact]
    public void Whatever_the_bytes_it_is_a_batch_or_none()
    {
        byte[] good = PeerCodec.Encode(s_from, s_stamp, Everything());
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. good.AsSpan(0, random.Next(good.Length + 1))];
            for (int flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                PeerCodec.Decode(bytes);
            }
            catch (InvalidDataException)
            {
                // That is the other answer.
            }
        }
    }

    private static void Refused(Action<Wire.PeerBatch> spoil)
    {
        var wire = Wire.PeerBatch.Parser.ParseFrom(PeerCodec.Encode(s_from, s_stamp, Everything()));
        spoil(wire);
        Assert.Throws<InvalidDataException>(() => PeerCodec.Decode(wire.ToByteArray()));
    }

    private static PeerBatch Everything()
    {
        var batch = new PeerBatch { Clock = 9_000, WatermarkMs = 1_790_000_000_123, IsComplete = true, GoneLeftMs = 15_000, SentAwayMs = 20_000, RingVersion = 5L << 28, Shards = 2 };
        PresenceState online = PresenceState.NeverSeen(7) with { Version = 11, Status = Status.Busy, Kinds = DeviceKinds.Mobile | DeviceKinds.VR, StatusText = "här"u8.ToArray() };
        PresenceState offline = PresenceState.NeverSeen(8) with { Version = 12, LastActiveMs = 0 };
        batch.Changes[7] = online;
        batch.Changes[8] = offline;
        foreach (ReportKind kind in Enum.GetValues<ReportKind>())
        {
            batch.Reports.Add(new(kind, 7, ulong.MaxValue, 3)
            {
                Status = Status.Away,
                Kinds = DeviceKinds.Web,
                Text = "x"u8.ToArray(),
                Hidden = true,
                HiddenAsOf = kind == ReportKind.Up ? 0 : null,
                IsHeld = true,
                Way = (DeviceWay)((int)kind % 4),
                IsComing = true,
                SaidInvisible = true,
                AsBefore = true,
                ServerAway = true,
                IsRepetition = true,
                WasSeen = true,
                Token = 5,
                LastSeenMs = kind == ReportKind.Down ? -1 : 1_000,
                SlotMs = kind == ReportKind.Held ? -9_000 : 20_000,
                Cause = TransitionCause.Revoked,
            });
        }

        foreach (HomeWordKind kind in Enum.GetValues<HomeWordKind>())
        {
            batch.Words.Add(new(kind) { Token = 4, State = kind == HomeWordKind.Said ? online : default, UserId = 7, DeviceKey = 6, SessionId = 5, IsInvisible = true, Version = 13 });
        }

        batch.Namings.Add(new(ulong.MaxValue, 300_000));
        batch.Ask(new(1, 0, [7, 8]) { Told = [online, offline] });
        batch.Ask(new(2, 7, [9]));
        batch.Answer(new(2, [PresenceState.Unknown(9, asOfMs: 77)], AskerIsInvisible: true));
        return batch;
    }

    private static string Text(PresenceState[]? states) => states is null ? "none" : string.Join(';', states.Select(static state => Text(state)));

    private static string Text(PresenceState state) =>
        $"{state.UserId} {state.Version} {state.Status} {state.LastActiveMs} {state.AsOfMs} {state.Kinds} {Convert.ToHexString(state.StatusText ?? [])}";

    private static string Text(SessionReport report) => $"{report with { Text = null }} {Convert.ToHexString(report.Text ?? [])}";
}
