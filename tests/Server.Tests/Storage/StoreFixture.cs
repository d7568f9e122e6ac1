using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage;

namespace Presence.Server.Tests.Storage;

/// <summary>A store in a temporary directory on the real disk, with a clock that the test moves.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    public const byte Offline = (byte)Presence.V1.Status.Offline;
    public const byte Online = (byte)Presence.V1.Status.Online;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("presence-store-");
    private DataDirectory? _directory;
    private LastActiveStore? _store;

    public SetWallClock Time { get; } = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

    public StoreOptions Options { get; set; } = new() { MemoryBudget = 64 << 20 };

    public LastActiveStore Store => _store ?? throw new InvalidOperationException("Open the store first.");

    public string Root => _root.FullName;

    public string Checkpoints => Path.Combine(Root, "last-active");

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static StoreFixture Opened()
    {
        var fixture = new StoreFixture();
        fixture.Open();
        return fixture;
    }

    /// <summary>Opens the store and waits until all is loaded.</summary>
    public void Open()
    {
        BeginOpen(new CheckpointDisk());
        Store.Load();
        Store.Loaded.GetAwaiter().GetResult();
    }

    /// <summary>Opens the store over a disk of the test's; it loads when it is told to.</summary>
    public void BeginOpen(ICheckpointDisk disk)
    {
        _directory = DataDirectory.Open(Root);
        try
        {
            _store = LastActiveStore.Open(_directory, Options, Time, NullLogger.Instance, disk);
        }
        catch
        {
            _directory.Dispose();
            throw;
        }
    }

    public async Task CloseAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _directory!.Dispose();
            _store = null;
        }
    }

    public async Task ReopenAsync()
    {
        await CloseAsync();
        Open();
    }

    public UserRecord Record(ulong user, ulong version, byte status = Offline) => new(user, version, NowMs, NowMs, status, 0);

    public async Task<UserRecord[]> ReadAsync(params ulong[] users)
    {
        var read = new TestRead(users);
        Store.Read(read);
        return await read.Answer;
    }

    public async Task<UserRecord> ReadOneAsync(ulong user) => (await ReadAsync(user))[0];

    public string[] CheckpointFiles() => [.. Directory.GetFiles(Checkpoints, "*.ckpt").Order()];

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _root.Delete(recursive: true);
    }
}
