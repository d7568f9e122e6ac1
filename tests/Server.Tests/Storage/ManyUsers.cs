using Presence.Engine;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>Users enough for several blocks of a checkpoint; user N has a version N above the one that is written.</summary>
internal static class ManyUsers
{
    // Three blocks and a bit.
    public const int Count = 35_000;
    public const ulong Version = 10;

    public static IEnumerable<ulong> All => Enumerable.Range(1, Count).Select(user => (ulong)user);

    /// <summary>A store that has been closed with all of them in its only checkpoint.</summary>
    public static async Task<StoreFixture> StoredAsync()
    {
        StoreFixture fixture = StoreFixture.Opened();
        Write(fixture, Version);
        await fixture.CloseAsync();
        return fixture;
    }

    /// <summary>The same with a second checkpoint, in which each has a version one higher.</summary>
    public static async Task<StoreFixture> StoredTwiceAsync()
    {
        StoreFixture fixture = await StoredAsync();
        fixture.Open();
        Write(fixture, Version + 1);
        await fixture.CloseAsync();
        return fixture;
    }

    public static void Write(StoreFixture fixture, ulong version)
    {
        foreach (ulong user in All)
        {
            fixture.Store.Write(fixture.Record(user, version + user));
        }
    }

    public static async Task AssertAsync(StoreFixture fixture, Func<ulong, ulong> version)
    {
        UserRecord[] records = await fixture.ReadAsync([.. All]);
        Assert.All(records, record => Assert.Equal(version(record.UserId), record.Version));
    }
}
