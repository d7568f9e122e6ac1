using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>A status that was set at another edge.</summary>
internal sealed class RemoteStatus(HomeWords words, int edge, SessionReport report) : StatusChange(report.Status, report.Text)
{
    internal override ulong UserId => report.UserId;

    internal override ulong DeviceKey => report.DeviceKey;

    // At its node it may be new, and have said the same at another.
    internal override bool Repeats(Status asked) => report.IsRepetition || (report.Way is DeviceWay.Stream or DeviceWay.Lease && asked == report.Status);

    internal override void Apply(Shard shard) => throw new NotSupportedException("It comes by a channel, not by the inbox.");

    internal override void Applied(Outbox outbox, in PresenceState visible) => Answer(HomeWordKind.Applied, visible);

    internal override void Waits() => Answer(HomeWordKind.Waits);

    internal override void Refused(Outbox outbox, int allowed) => words.Refused(edge, report);

    internal override void NotDurable(Outbox outbox) => Answer(HomeWordKind.NotDurable);

    internal override void NotHome(Shard shard) => Answer(HomeWordKind.NotHome);

    private void Answer(HomeWordKind kind, in PresenceState state = default) => words.Say(edge, new HomeWord(kind) { Token = report.Token, State = state });
}
