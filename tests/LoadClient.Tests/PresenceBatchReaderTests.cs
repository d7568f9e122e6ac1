using CsCheck;
using Google.Protobuf;
using Presence.LoadClient.Connections;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests;

/// <summary>The reader without allocation against the generated class.</summary>
public sealed class PresenceBatchReaderTests
{
    private static readonly Gen<PresenceEntry> _entries =
        from user in Gen.ULong
        from version in Gen.ULong
        from status in Gen.Int[0, 6]
        from lastActive in Gen.ULong
        from text in Gen.String[Gen.Char['a', 'z'], 0, 20]
        from kind in Gen.Int[0, 7]
        select new PresenceEntry
        {
            UserId = user,
            Version = version,
            Status = (Status)status,
            LastActiveMs = lastActive,
            StatusText = text,
            DeviceKinds = { (DeviceKind)kind },
            Reset = kind == 1,
        };

    private static readonly Gen<PresenceBatch> _batches =
        from request in Gen.ULong
        from more in Gen.Bool
        from entries in _entries.List[0, 5]
        select new PresenceBatch { RequestId = request, Snapshot = true, More = more, Entries = { entries } };

    [Fact]
    public void It_reads_what_the_generated_class_wrote() => _batches.Sample(batch =>
    {
        Assert.True(PresenceBatchReader.TryBegin(new ServerFrame { PresenceBatch = batch }.ToByteArray(), out PresenceBatchReader reader));
        List<SeenEntry> entries = [];
        while (reader.Next(out SeenEntry entry))
        {
            entries.Add(entry);
        }

        Assert.Equal(
            batch.Entries.Select(static entry => new SeenEntry(entry.UserId, entry.Version, entry.Status, entry.LastActiveMs, entry.Reset)), entries);
        Assert.Equal((batch.RequestId, batch.More), (reader.RequestId, reader.More));
    });

    [Fact]
    public void Another_frame_is_left_alone() =>
        Assert.False(PresenceBatchReader.TryBegin(new ServerFrame { Ack = new Ack { RequestId = 1 } }.ToByteArray(), out _));

    [Fact]
    public void Cut_bytes_are_said_to_be_cut() => _batches.Sample(batch =>
    {
        byte[] whole = new ServerFrame { PresenceBatch = batch }.ToByteArray();
        for (int length = 1; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Assert.Throws<InvalidDataException>(() => ReadAll(cut));
        }
    });

    private static void ReadAll(byte[] payload)
    {
        PresenceBatchReader.TryBegin(payload, out PresenceBatchReader reader);
        while (reader.Next(out _))
        {
        }
    }
}
