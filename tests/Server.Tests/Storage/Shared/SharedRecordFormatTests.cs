using CsCheck;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Shared;
using Xunit;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>Every record comes back as it was written, and nothing else is taken for one.</summary>
public sealed class SharedRecordFormatTests
{
    private static readonly Gen<UserRecord> s_record = Gen.Select(
        Gen.ULong[1, PackedRecord.CompanionBit - 1], Gen.ULong[1, ulong.MaxValue], Gen.Long[-1, PackedRecord.MaxTimeMs], Gen.Long[-1, PackedRecord.MaxTimeMs], Gen.Byte[0, 15], Gen.Byte, Gen.Bool,
        static (user, version, lastMs, trueMs, status, flags, isSeen) => new UserRecord(user, version, lastMs, isSeen ? lastMs : trueMs, status, flags));

    [Fact]
    public void What_is_written_is_read() => s_record.Sample(static record =>
        SharedRecordFormat.Fits(record)
        && SharedRecordFormat.TryRead(record.UserId, SharedRecordFormat.Write(record), out UserRecord read) && read == record
        && SharedRecordFormat.Write(record).Length == (record.LastActiveMs == record.TrueLastActiveMs ? 16 : 22));

    [Fact]
    public void A_field_is_its_user() => s_record.Sample(static record => SharedKeys.UserOf((byte[])SharedKeys.FieldOf(record.UserId)!) == record.UserId);

    [Fact]
    public void Garbage_is_no_record_that_does_not_fit() => Gen.Byte.Array[0, 30].Sample(static bytes =>
        !SharedRecordFormat.TryRead(1, bytes, out UserRecord record) || (bytes.Length is 16 or 22 && SharedRecordFormat.Fits(record)));

    [Theory]
    [InlineData(0UL, 1UL, 0L, (byte)0)]
    [InlineData(1UL << 63, 1UL, 0L, (byte)0)]
    [InlineData(1UL, 0UL, 0L, (byte)0)]
    [InlineData(1UL, 1UL, -2L, (byte)0)]
    [InlineData(1UL, 1UL, 1L << 42, (byte)0)]
    [InlineData(1UL, 1UL, 0L, (byte)16)]
    public void What_no_record_can_have_does_not_fit(ulong user, ulong version, long timeMs, byte status) =>
        Assert.False(SharedRecordFormat.Fits(new UserRecord(user, version, timeMs, timeMs, status, 0)));

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 1 })]
    [InlineData(new byte[] { 128, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    public void What_is_no_field_is_nobody(byte[] field) => Assert.Equal(0UL, SharedKeys.UserOf(field));
}
