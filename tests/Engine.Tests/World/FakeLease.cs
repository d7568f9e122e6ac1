using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A PUT over HTTP.</summary>
internal sealed class FakeLease(ulong userId, ulong device, Status status) : LeaseRequest(userId, device, status, text: null)
{
    /// <summary>What the answer carries; null while there is none.</summary>
    public PresenceState? Answer { get; private set; }

    public string? RefusedBy { get; private set; }

    public bool IsNotDurable { get; private set; }

    public bool IsRevoked { get; private set; }

    protected internal override void Refused(string limit, int allowed) => RefusedBy = limit;

    protected internal override void Revoked() => IsRevoked = true;

    protected internal override void NotDurable() => IsNotDurable = true;

    protected override void Completed(in PresenceState visible)
    {
        Assert.Null(Answer);
        Answer = visible;
    }
}

/// <summary>A GET over HTTP.</summary>
internal sealed class FakeQuestion(ulong[] userIds, ulong asker = 0) : PresenceQuestion(userIds, asker)
{
    public PresenceState[]? States { get; private set; }

    protected internal override void Answered(ReadOnlySpan<PresenceState> states)
    {
        Assert.Null(States);
        States = states.ToArray();
    }
}
