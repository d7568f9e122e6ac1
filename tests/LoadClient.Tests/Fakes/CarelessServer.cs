using Presence.V1;

namespace Presence.LoadClient.Tests.Fakes;

/// <summary>Leaves the last user out of every answer, and says of everybody else that it is away.</summary>
internal sealed class CarelessServer : FakeServer
{
    protected override IEnumerable<PresenceEntry> OnQuery(IEnumerable<PresenceEntry> right) => right.SkipLast(1).Select(Away);

    protected override IEnumerable<ServerFrame> OnWatch(Watch watch) =>
        [Answer(watch.RequestId, watch.UserIds.Select(EntryOf).Select(Away))];

    private static PresenceEntry Away(PresenceEntry entry) =>
        new() { UserId = entry.UserId, Version = entry.Version, Status = Status.Away };
}
