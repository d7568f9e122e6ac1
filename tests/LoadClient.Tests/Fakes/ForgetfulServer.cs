using Presence.V1;

namespace Presence.LoadClient.Tests.Fakes;

/// <summary>Shows those that lost their connection as OFFLINE to who watches again, though it says that nobody saw them go.</summary>
internal sealed class ForgetfulServer : FakeServer
{
    protected override IEnumerable<ServerFrame> OnWatch(Watch watch)
    {
        if (watch.Versions.All(static version => version == 0))
        {
            return base.OnWatch(watch);
        }

        PresenceEntry[] entries = [.. watch.UserIds.Select(EntryOf)];
        var update = new PresenceBatch { Entries = { entries.Select(static entry => Later(entry, 2_000, entry.Status)) } };
        return
        [
            Answer(watch.RequestId, entries.Select(static entry => Later(entry, 1_000, Status.Offline))),
            new ServerFrame { PresenceBatch = update },
        ];
    }

    private static PresenceEntry Later(PresenceEntry entry, ulong by, Status status) =>
        new() { UserId = entry.UserId, Version = entry.Version + by, Status = status };
}
