using CsCheck;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

public sealed class RecordFormatTests
{
    private static readonly Gen<UserRecord> _users =
        from id in Gen.ULong[1, PackedRecord.CompanionBit - 1]
        from version in Gen.ULong[1, ulong.MaxValue]
        from active in Gen.Long[-1, PackedRecord.MaxTimeMs]
        from truly in Gen.OneOf(Gen.Const(active), Gen.Long[-1, PackedRecord.MaxTimeMs])
        from status in Gen.Byte[0, PackedRecord.MaxStatus]
        from flags in Gen.Byte
        select new UserRecord(id, version, active, truly, status, flags);

    private static readonly Gen<JournalEntry> _entries =
        from user in _users
        from cause in Gen.Enum<TransitionCause>()
        from visible in Gen.Bool
        from text in Gen.OneOf(Gen.Const((byte[]?)null), Gen.Byte.Array[1, RecordFormat.MaxTextBytes].Select(bytes => (byte[]?)bytes))
        select new JournalEntry(user, cause, visible, text);

    [Fact]
    public void What_was_written_is_read() => _entries.Array[1, 8].Sample(entries =>
    {
        byte[] bytes = new byte[entries.Length * RecordFormat.MaxBytes];
        int length = 0;
        foreach (JournalEntry entry in entries)
        {
            length += RecordFormat.Write(bytes.AsSpan(length), entry);
            Assert.Equal(0, length % BlockFormat.Alignment);
        }

        ReadOnlySpan<byte> rest = bytes.AsSpan(0, length);
        foreach (JournalEntry entry in entries)
        {
            JournalRecord read = RecordFormat.Read(ref rest);
            Assert.Equal((entry.User, (TransitionCause?)entry.Cause, entry.IsVisible), (read.User, read.Cause, read.IsVisible));
            Assert.Equal(entry.Text, read.Text);
        }

        Assert.True(rest.IsEmpty);
    });

    [Fact]
    public void Most_users_take_24_bytes_and_an_invisible_one_32()
    {
        byte[] bytes = new byte[RecordFormat.MaxBytes];
        Assert.Equal(24, RecordFormat.Write(bytes, JournalFixture.Entry(1, 1)));
        JournalEntry invisible = JournalFixture.Entry(1, 1) with { User = new(1, 1, 5, 9, StoreFixture.Offline, UserRecordFlags.Invisible) };
        Assert.Equal(32, RecordFormat.Write(bytes, invisible));
    }

    [Fact]
    public void A_watermark_is_no_record_of_a_user()
    {
        byte[] bytes = new byte[RecordFormat.MaxBytes];
        ReadOnlySpan<byte> written = bytes.AsSpan(0, RecordFormat.WriteWatermark(bytes, 1_790_000_000_000, 77));
        JournalRecord read = RecordFormat.Read(ref written);
        Assert.Equal((true, 1_790_000_000_000, 77UL), (read.IsWatermark, read.WatermarkMs, read.User.Version));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_record_that_stands_for_several_names_no_cause(bool isVisible)
    {
        byte[] bytes = new byte[RecordFormat.MaxBytes];
        UserRecord user = JournalFixture.Entry(3, 4).User;
        ReadOnlySpan<byte> written = bytes.AsSpan(0, RecordFormat.WriteCoalesced(bytes, user, isVisible));
        JournalRecord read = RecordFormat.Read(ref written);
        Assert.Equal((user, null, isVisible), (read.User, read.Cause, read.IsVisible));
        Assert.False(read.IsHole);
    }

    [Fact]
    public void A_hole_is_no_watermark()
    {
        byte[] bytes = new byte[RecordFormat.MaxBytes];
        ReadOnlySpan<byte> written = bytes.AsSpan(0, RecordFormat.WriteHole(bytes));
        JournalRecord read = RecordFormat.Read(ref written);
        Assert.Equal((true, false), (read.IsHole, read.IsWatermark));
    }

    [Fact]
    public void A_text_that_is_too_long_is_left_out()
    {
        byte[] bytes = new byte[RecordFormat.MaxBytes];
        JournalEntry entry = JournalFixture.Entry(1, 1) with { Text = new byte[RecordFormat.MaxTextBytes + 1] };
        Assert.Equal(RecordFormat.MinBytes, RecordFormat.Write(bytes, entry));
    }

    [Fact]
    public void A_record_that_ends_too_early_is_malformed()
    {
        byte[] bytes = new byte[RecordFormat.MaxBytes];
        int length = RecordFormat.Write(bytes, JournalFixture.Entry(1, 1) with { Text = [1, 2, 3] });
        for (int kept = 1; kept < length; kept++)
        {
            Assert.Throws<InvalidDataException>(() =>
            {
                ReadOnlySpan<byte> rest = bytes.AsSpan(0, kept);
                RecordFormat.Read(ref rest);
            });
        }
    }
}
