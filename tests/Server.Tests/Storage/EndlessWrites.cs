using Presence.Engine;

namespace Presence.Server.Tests.Storage;

/// <summary>Writes one version after the other for the same users, each with a true time of its own, until stopped.</summary>
internal sealed class EndlessWrites(StoreFixture fixture, int users)
{
    private ulong _lastVersion;
    private volatile bool _stop;

    /// <summary>All users have at least this version.</summary>
    public ulong LastVersion => Volatile.Read(ref _lastVersion);

    public void Stop() => _stop = true;

    public void Run()
    {
        for (ulong version = 1; !_stop; version++)
        {
            for (ulong user = 1; user <= (ulong)users; user++)
            {
                var frozenMs = fixture.NowMs - (long)version;
                fixture.Store.Write(new UserRecord(user, version, frozenMs, fixture.NowMs, StoreFixture.Offline, UserRecordFlags.Invisible));
            }

            Volatile.Write(ref _lastVersion, version);
        }
    }
}
