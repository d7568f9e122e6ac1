using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class RecordTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_table_holds_the_newest_record_of_every_key_as_a_dictionary_would(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<ulong, PackedRecord>();
        using var table = new RecordTable(seed: 42);
        for (int i = 0; i < 200_000; i++)
        {
            ulong key = (ulong)random.NextInt64(1, 50_000) | (random.Next(8) == 0 ? PackedRecord.CompanionBit : 0);
            var record = new PackedRecord((ulong)random.NextInt64(1, 100), (ulong)random.NextInt64());
            Assert.True(table.TryPut(key, record));
            model[key] = model.TryGetValue(key, out PackedRecord known) && known.Version > record.Version ? known : record;
        }

        Assert.Equal(model.Count, table.Count);
        Assert.All(model, pair => Assert.True(table.TryGet(pair.Key, out PackedRecord record) && record == pair.Value));
        Assert.False(table.TryGet(50_001, out _));
        Assert.Equal(model, Walked(table, from: 0));
    }

    [Fact]
    public void A_walk_meets_who_comes_on_the_way_and_nobody_twice()
    {
        using var table = new RecordTable(seed: 42);
        table.TryPut(1, new PackedRecord(1, 0));
        table.TryPut(2, new PackedRecord(1, 0));

        Assert.True(table.TryWalk(0, out ulong first, out _));
        table.TryPut(1, new PackedRecord(2, 0));
        table.TryPut(3, new PackedRecord(1, 0));

        Assert.Equal(1UL, first);
        Assert.Equal([2UL, 3UL], Walked(table, from: 1).Keys.Order());
    }

    [Fact]
    public void A_record_takes_no_more_than_the_budget_of_a_user()
    {
        using var table = new RecordTable(seed: 42);
        double most = 0;
        for (ulong key = 1; key <= 1_000_000; key++)
        {
            table.TryPut(key, new PackedRecord(1, 0));
            most = key > 10_000 ? Math.Max(most, table.MemoryBytes / (double)key) : most;
        }

        Assert.InRange(most, 24, RecordTables.BytesPerUser);
    }

    private static Dictionary<ulong, PackedRecord> Walked(RecordTable table, int from)
    {
        var walked = new Dictionary<ulong, PackedRecord>();
        for (int place = from; table.TryWalk(place, out ulong key, out PackedRecord record); place++)
        {
            walked.Add(key, record);
        }

        return walked;
    }
}
