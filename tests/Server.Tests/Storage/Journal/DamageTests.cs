using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>A journal that was torn or damaged at every place: what verifies is read, nothing else, and what is missing is counted.</summary>
public sealed class DamageTests
{
    private const int Blocks = 6;
    private const int Segments = 4;

    // Each user is a block of its own.
    private readonly byte[] _whole;
    private readonly string _name;

    public DamageTests()
    {
        using var fixture = new JournalFixture();
        for (ulong user = 1; user <= Blocks; user++)
        {
            Assert.True(fixture.Put(user, user));
        }

        _name = Assert.Single(fixture.SegmentFiles);
        _whole = fixture.Files[_name];
    }

    [Fact]
    public void Torn_at_every_byte()
    {
        const int BlockBytes = BlockFormat.HeadBytes + RecordFormat.MinBytes;
        for (int kept = 0; kept <= _whole.Length; kept++)
        {
            using JournalFixture fixture = With(_whole[..kept]);
            int blocks = Math.Max(0, (kept - SegmentHeader.Bytes) / BlockBytes);
            Assert.Equal(Enumerable.Range(1, blocks).Select(user => (ulong)user), fixture.Read().Keys.Order());

            // It is cut once; what is left is whole.
            int cut = Math.Max(0, kept - SegmentHeader.Bytes - (blocks * BlockBytes));
            Assert.InRange(fixture.Replay.LostBytes, 0, cut);
            fixture.Restart();
            Assert.Equal(blocks, fixture.Read().Count);
            Assert.Equal(0, fixture.Replay.LostBytes);
        }
    }

    [Fact]
    public void Every_bit_flipped_costs_the_block_it_hit_and_no_other()
    {
        for (int place = 0; place < _whole.Length; place++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. _whole];
                damaged[place] ^= (byte)(1 << bit);
                using JournalFixture fixture = With(damaged);
                Dictionary<ulong, JournalRecord> read = fixture.Read();
                bool inHeader = place < SegmentHeader.Bytes;
                Assert.Equal(inHeader ? Blocks : Blocks - 1, read.Count);
                Assert.Equal(!inHeader, fixture.Replay.LostBytes > 0);
                Assert.All(read, record => Assert.Equal(record.Key, record.Value.User.Version));
            }
        }
    }

    [Fact]
    public void A_tail_of_zeros_is_room_that_was_not_used()
    {
        using JournalFixture fixture = With([.. _whole, .. new byte[4_096]]);
        Assert.Equal(Blocks, fixture.Read().Count);
        Assert.Equal(0, fixture.Replay.LostBytes);
        Assert.Equal(_whole.Length, fixture.Files.LengthOf(_name));
    }

    [Fact]
    public void A_tail_of_anything_else_is_cut_and_counted()
    {
        byte[] garbage = new byte[4_096];
        new Random(5).NextBytes(garbage);
        using JournalFixture fixture = With([.. _whole, .. garbage]);
        Assert.Equal(Blocks, fixture.Read().Count);
        Assert.InRange(fixture.Replay.LostBytes, garbage.Length - 8, garbage.Length);
        Assert.Equal(_whole.Length, fixture.Files.LengthOf(_name));
    }

    [Fact]
    public void A_segment_under_another_ones_name_says_nothing()
    {
        using var fixture = new JournalFixture();
        fixture.Files[SegmentNames.Of(2)] = _whole;
        fixture.Restart();
        Assert.Empty(fixture.Read());
        Assert.True(fixture.Replay.LostBytes > 0);
    }

    // Checkpoint 2 began between the second and the third of four: it may not hold all of the second.
    [Theory]
    [InlineData(0, 1, "2")]
    [InlineData(0, 1, "3")]
    [InlineData(0, 0, "4")]
    [InlineData(2, 0, "1")]
    [InlineData(2, 1, "3")]
    [InlineData(2, 1, "1,2")]
    [InlineData(3, 0, "1,2")]
    [InlineData(0, 1, "1,3")]
    [InlineData(2, 1, "1,2,3")]
    public void Segments_that_are_gone_are_missed_but_for_the_last_and_what_the_checkpoint_holds(ulong checkpoint, int gaps, string gone)
    {
        using JournalFixture fixture = OfManyProcesses();
        Array.ForEach(gone.Split(','), number => fixture.Files.Delete(SegmentNames.Of(ulong.Parse(number))));
        fixture.Restart();
        fixture.Read(checkpoint);
        Assert.Equal(gaps, fixture.Replay.Gaps);
    }

    [Fact]
    public void What_the_retention_removed_and_what_was_given_up_is_not_missed()
    {
        using JournalFixture fixture = OfManyProcesses();
        fixture.Writer.KeepSince(2);
        fixture.Files.SyncError = new IOException("no");
        Assert.False(fixture.Put(9, 9));
        fixture.Files.SyncError = null;
        fixture.Time.Advance(TimeSpan.FromDays(2));
        Assert.True(fixture.Put(9, 10));
        Assert.DoesNotContain(SegmentNames.Of(1), fixture.SegmentFiles);
        fixture.Restart();
        fixture.Read(checkpoint: 2);
        Assert.Equal(0, fixture.Replay.Gaps);
    }

    [Fact]
    public void A_segment_of_a_format_that_is_not_known_says_who_wrote_it()
    {
        byte[] later = [.. _whole];
        later[8] = 9;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(
            later.AsSpan(120), System.IO.Hashing.XxHash3.HashToUInt64(later.AsSpan(0, 120)));
        DataDirectoryException error = Assert.Throws<DataDirectoryException>(() => With(later));
        Assert.Contains("journal format 9, written by Presence " + DataDirectoryManifest.ServerVersion(), error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.ExitCode);
    }

    [Fact]
    public void Ten_thousand_random_flips_never_make_a_record_up()
    {
        var random = new Random(11);
        for (int round = 0; round < 200; round++)
        {
            byte[] damaged = [.. _whole];
            for (int flip = 0; flip < 50; flip++)
            {
                damaged[random.Next(SegmentHeader.Bytes, damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            using JournalFixture fixture = With(damaged);
            Assert.All(fixture.Read(), record => Assert.Equal(record.Key, record.Value.User.Version));
        }
    }

    // Each process begins a segment of its own, in which it puts a user; the later ones when a checkpoint has begun.
    private static JournalFixture OfManyProcesses()
    {
        var fixture = new JournalFixture();
        for (ulong process = 1; process <= Segments; process++)
        {
            fixture.Restart();
            fixture.Read();
            fixture.Writer.CheckpointBegins(process > 2 ? 2u : 0);
            Assert.True(fixture.Put(process, process));
        }

        Assert.Equal(Segments, fixture.SegmentFiles.Length);
        return fixture;
    }

    private JournalFixture With(byte[] segment)
    {
        var fixture = new JournalFixture();
        fixture.Files[_name] = segment;
        fixture.Restart();
        return fixture;
    }
}
