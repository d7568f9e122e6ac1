using CsCheck;
using Presence.Engine;
using Xunit;

namespace Presence.Server.Tests.Storage;

/// <summary>Random interleavings of everything a store is asked to do, against a dictionary.</summary>
public sealed class StoreModelTests
{
    private const ulong Users = 12;

    private static readonly Gen<UserRecord> _record = Gen.Select(
        Gen.ULong[1, Users], Gen.ULong[1, 40], Gen.Long[-1, 1000], Gen.Long[-1, 1000], Gen.Byte[2, 5], Gen.Byte[0, 3],
        (user, version, lastMs, trueMs, status, flags) => new UserRecord(user, version, lastMs, trueMs, status, flags));

    private static readonly Gen<(int Kind, UserRecord Record)> _step = Gen.Select(
        Gen.Frequency((60, Gen.Const(0)), (30, Gen.Const(1)), (6, Gen.Const(2)), (4, Gen.Const(3))), _record);

    [Fact]
    public Task Any_order_of_writes_reads_checkpoints_and_restarts_gives_what_a_dictionary_gives() =>
        _step.Array[1, 60].SampleAsync(RunAsync, iter: 40, threads: 1);

    private static async Task RunAsync((int Kind, UserRecord Record)[] steps)
    {
        await using var fixture = StoreFixture.Opened();
        var model = new Dictionary<ulong, UserRecord>();
        foreach (var (kind, record) in steps)
        {
            switch (kind)
            {
                case 0:
                    Write(fixture, model, record);
                    break;
                case 1:
                    await AssertEqualAsync(fixture, model);
                    break;
                case 2:
                    Assert.True(await fixture.Store.CheckpointAsync());
                    break;
                default:
                    await fixture.ReopenAsync();
                    break;
            }
        }

        await fixture.ReopenAsync();
        await AssertEqualAsync(fixture, model);
    }

    private static void Write(StoreFixture fixture, Dictionary<ulong, UserRecord> model, UserRecord record)
    {
        fixture.Store.Write(record);
        if (!model.TryGetValue(record.UserId, out var known) || record.Version >= known.Version)
        {
            model[record.UserId] = record;
        }
    }

    private static async Task AssertEqualAsync(StoreFixture fixture, Dictionary<ulong, UserRecord> model)
    {
        ulong[] users = [.. Enumerable.Range(1, (int)Users).Select(i => (ulong)i)];
        var expected = users.Select(user => model.TryGetValue(user, out var known) ? known : new UserRecord(user, 0, -1, -1, 0, 0));
        Assert.Equal(expected, await fixture.ReadAsync(users));
        Assert.Equal(model.Values.OrderBy(record => record.UserId), (await new TestWalk().RestAsync(fixture.Store)).OrderBy(record => record.UserId));
        Assert.Equal(model.Count == 0 ? 0 : model.Values.Max(r => r.Version), fixture.Store.MaxVersion);
    }
}
