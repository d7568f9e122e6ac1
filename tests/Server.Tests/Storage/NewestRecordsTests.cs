using CsCheck;
using Presence.Engine;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public class NewestRecordsTests
{
    [Fact]
    public void Keeps_what_a_dictionary_of_newest_versions_keeps()
    {
        Gen<(ulong User, ulong Version)[]> puts = Gen.Select(Gen.ULong[1, 3_000], Gen.ULong[1, 50]).Array[0, 4_000];
        puts.Sample(static all =>
        {
            using var records = new NewestRecords(new UserHash(7));
            // Twice: what was drained is forgotten, and the table is as good as new.
            return Same(records, all) && Same(records, all);
        }, iter: 200);
    }

    [Fact]
    public void Of_equal_versions_the_later_stays()
    {
        using var records = new NewestRecords(new UserHash(7));
        records.Put(new UserRecord(1, 5, 10, 10, 1, 0));
        records.Put(new UserRecord(1, 5, 20, 20, 2, 0));

        Assert.Equal([new UserRecord(1, 5, 20, 20, 2, 0)], Drained(records));
    }

    [Fact]
    public void What_could_not_be_applied_is_handed_over_again_before_what_came_since()
    {
        using var pending = new PendingWrites(new UserHash(7));
        pending.Put(new UserRecord(1, 5, 10, 10, 1, 0));
        Assert.Throws<InvalidOperationException>(() => pending.Drain(static _ => throw new InvalidOperationException()));
        pending.Put(new UserRecord(1, 6, 10, 10, 1, 0));
        var applied = new List<ulong>();
        for (var turn = 0; turn < 2; turn++)
        {
            pending.Drain(record => applied.Add(record.Version));
        }

        Assert.Equal([5UL, 6UL], applied);
        Assert.Equal(0, pending.Count);
    }

    private static bool Same(NewestRecords records, (ulong User, ulong Version)[] puts)
    {
        var model = new Dictionary<ulong, UserRecord>();
        var added = true;
        long time = 0;
        foreach (var (user, version) in puts)
        {
            var record = new UserRecord(user, version, ++time, time, 1, 0);
            added &= records.Put(record) == !model.ContainsKey(user);
            if (!model.TryGetValue(user, out var newest) || version >= newest.Version)
            {
                model[user] = record;
            }
        }

        return added && records.Count == model.Count && Drained(records).ToHashSet().SetEquals(model.Values) && records.Count == 0;
    }

    private static List<UserRecord> Drained(NewestRecords records)
    {
        var drained = new List<UserRecord>();
        records.Drain(drained.Add);
        return drained;
    }
}
