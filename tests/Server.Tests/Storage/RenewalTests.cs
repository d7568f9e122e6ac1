using Presence.Engine;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>Over weeks: whoever gave a sign of life within the retention is known, and neither memory nor disk grow with all the others.</summary>
public sealed class RenewalTests
{
    private const int Days = 30;
    private const int RetentionDays = 7;

    [Fact]
    public void Who_has_lost_its_companion_waits_for_it_only_while_a_checkpoint_is_read()
    {
        const long Oldest = 5_000;
        using var tables = new RecordTables(RecordTables.BytesPerUser, hashSeed: 42, new RetentionRule(TimeSpan.FromDays(RetentionDays), TimeProvider.System));
        var record = new UserRecord(7, Version: 1, LastActiveMs: 1_000, TrueLastActiveMs: Oldest + 1, Status: 1, UserRecordFlags.Invisible);
        PackedRecord packed = PackedRecord.Pack(record);
        Assert.True(tables.TryRecover(7, packed, Oldest));
        Assert.Equal(1, tables.Count);
        Assert.False(tables.IsWorthKeeping(7, packed, Oldest), "It is kept for ever.");
        Assert.True(tables.TryRecover(7 | PackedRecord.CompanionBit, PackedRecord.PackCompanion(record), Oldest));
        Assert.Equal(2, tables.Count);
        Assert.True(tables.IsWorthKeeping(7, packed, Oldest));
    }

    [Theory]
    [InlineData(3_000, 500)]
    [InlineData(40, 3)]
    public async Task For_thirty_days_what_is_within_the_retention_is_known_and_the_rest_takes_no_room(int newUsersADay, int returningADay)
    {
        await using var fixture = StoreFixture.Opened();
        var random = new Random(newUsersADay);
        Dictionary<ulong, UserRecord> written = [];
        ulong version = 0;
        long mostRecords = 0;
        long mostBytes = 0;
        for (int quarter = 0; quarter < Days * 4; quarter++)
        {
            for (int i = 0; i < newUsersADay / 4; i++)
            {
                Write((ulong)(written.Count + 1));
            }

            for (int i = 0; i < Math.Max(1, returningADay / 4); i++)
            {
                Write(1 + (ulong)random.Next(written.Count));
            }

            Assert.True(await fixture.Store.CheckpointAsync());
            if (quarter % 20 == 19)
            {
                await CheckAsync(fixture, written);
                await fixture.ReopenAsync();
                await CheckAsync(fixture, written);
            }

            mostRecords = Math.Max(mostRecords, fixture.Store.Health.Records);
            mostBytes = Math.Max(mostBytes, new FileInfo(fixture.CheckpointFiles()[^1]).Length);
            fixture.Time.Advance(TimeSpan.FromHours(6));
        }

        // Of a steady rate what comes within the retention, one in ten with a companion; a quarter more until it is worth the work; and what came since the last look.
        long alive = (RetentionDays + 1) * (newUsersADay + returningADay) * 11 / 10;
        Assert.InRange(mostRecords, 1, Math.Max((alive * 3 / 2) + newUsersADay, alive + 5_000));
        Assert.InRange(mostBytes, 1, (alive * (CheckpointFormat.EntryBytes + 1)) + 4_096);

        void Write(ulong user)
        {
            UserRecord record = fixture.Record(user, ++version);
            // One in ten is invisible, with a time that others are told and one that is kept.
            record = user % 10 == 0 ? record with { LastActiveMs = record.LastActiveMs - 1_000, Flags = UserRecordFlags.Invisible } : record;
            written[user] = record;
            fixture.Store.Write(record);
        }
    }

    [Fact]
    public void Whatever_is_written_while_a_table_is_renewed_is_as_if_it_were_not()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            using var table = new RenewableTable(seed: 42);
            Dictionary<ulong, PackedRecord> model = [];
            bool IsWorthKeeping(ulong key, PackedRecord record) => key % 3 != 0;
            for (int act = 0; act < 400; act++)
            {
                ulong key = 1 + (ulong)random.Next(60);
                if (random.Next(100) < 5 && !table.IsBeingRenewed)
                {
                    table.BeginRenewal();
                }
                else if (random.Next(4) == 0 && table.IsBeingRenewed)
                {
                    Renew(random.Next(1, 20));
                }
                else
                {
                    var record = new PackedRecord((ulong)random.Next(1, 50), (ulong)act);
                    Assert.True(table.TryPut(key, record));
                    model[key] = record.Version >= model.GetValueOrDefault(key).Version ? record : model[key];
                }

                Check();
            }

            void Renew(int places)
            {
                if (!table.Renew(places, IsWorthKeeping))
                {
                    // What was not worth keeping may be gone, or was written meanwhile.
                    foreach (ulong dead in model.Keys.Where(dead => !IsWorthKeeping(dead, default) && !table.TryGet(dead, out _)).ToArray())
                    {
                        model.Remove(dead);
                    }
                }
            }

            void Check()
            {
                foreach ((ulong key, PackedRecord record) in model)
                {
                    Assert.True(table.TryGet(key, out PackedRecord found), $"seed {seed}: {key} is lost");
                    Assert.Equal(record, found);
                }
            }
        }
    }

    [Fact]
    public void A_renewed_table_has_no_place_for_what_is_dead()
    {
        using var table = new RenewableTable(seed: 42);
        for (ulong key = 1; key <= 10_000; key++)
        {
            table.TryPut(key, new PackedRecord(key, key));
        }

        table.BeginRenewal();
        while (table.Renew(places: 100, static (key, _) => key % 10 == 0))
        {
        }

        Assert.Equal(1_000, table.Count);
        Assert.False(table.TryGet(1, out _));
        Assert.True(table.TryGet(10, out _));
    }

    private static async Task CheckAsync(StoreFixture fixture, Dictionary<ulong, UserRecord> written)
    {
        ulong[] users = [.. written.Keys];
        UserRecord[] read = await fixture.ReadAsync(users);
        long oldestMs = fixture.NowMs - (long)fixture.Options.Retention.TotalMilliseconds;
        for (int i = 0; i < users.Length; i++)
        {
            UserRecord expected = written[users[i]];
            // What was seen of one who is invisible goes before the rest of it.
            UserRecord kept = expected.LastActiveMs >= oldestMs ? expected : expected with { LastActiveMs = -1 };
            Assert.Equal(expected.TrueLastActiveMs >= oldestMs ? kept : new UserRecord(users[i], 0, -1, -1, 0, 0), read[i]);
        }
    }
}
