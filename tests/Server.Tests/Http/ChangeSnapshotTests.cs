using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Http;
using Presence.Server.Storage;
using Presence.Server.Tests.Hosting;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Http;

/// <summary>The snapshot of the change feed while users come back after a restart: nothing would ever mend what it leaves out, as their return is no transition.</summary>
public sealed class ChangeSnapshotTests : IDisposable
{
    private const ulong Returning = 6;
    private const ulong Waiting = 7;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Who_comes_back_while_the_records_are_walked_is_named()
    {
        await StoreAsync();
        await using NodeInProcess node = await NodeInProcess.StartAsync(_directory.Path, new CheckpointDisk());
        RawClient? device = null;
        var store = new InterruptedStore(node.Store, async () =>
        {
            device = await node.ConnectAsync(Returning);
            await device.RoundTripAsync();
            await node.Shards.EverybodyIsKnownAsync();
        });
        Assert.Equal([Returning, Waiting], await NamedAsync(new ChangeSnapshot(node.Shards, store)));
        await device!.DisposeAsync();
    }

    // Leaves a data directory as a server does that was killed.
    private async Task StoreAsync()
    {
        using DataDirectory directory = DataDirectory.Open(_directory.Path);
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var options = new StoreOptions { MemoryBudget = 64 << 20 };
        await using LastActiveStore store = LastActiveStore.Open(
            directory, options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new CheckpointDisk());
        store.Load();
        foreach (ulong user in (ulong[])[Returning, Waiting])
        {
            store.Write(new UserRecord(user, (ulong)nowMs << 16, nowMs, nowMs, (byte)Status.Online, 0));
        }
    }

    private static async Task<IEnumerable<ulong>> NamedAsync(ChangeSnapshot snapshot)
    {
        HashSet<ulong> named = [];
        await foreach (IReadOnlyList<PresenceState> slice in snapshot.SlicesAsync([], TestContext.Current.CancellationToken))
        {
            Assert.All(slice, static state => Assert.Equal(Status.Online, state.Status));
            named.UnionWith(slice.Select(static state => state.UserId));
        }

        return named.Order();
    }

    /// <summary>Something happens before the first slice of a walk.</summary>
    private sealed class InterruptedStore(ILastActiveStore store, Func<Task> interruption) : ILastActiveStore
    {
        private bool _hasHappened;

        public int Loads => store.Loads;

        public ulong MaxVersion => store.MaxVersion;

        public long LastWatermarkMs => store.LastWatermarkMs;

        public bool HasRoomForNewUsers => store.HasRoomForNewUsers;

        public void Write(in UserRecord record) => store.Write(record);

        public void Read(StoreRead read) => store.Read(read);

        public void Walk(PresentWalk walk) => _ = WalkAsync(walk);

        public bool IsLoaded(ulong userId) => store.IsLoaded(userId);

        private async Task WalkAsync(PresentWalk walk)
        {
            if (!_hasHappened)
            {
                _hasHappened = true;
                await interruption();
            }

            store.Walk(walk);
        }
    }
}
