using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>What is said over HTTP.</summary>
/// <param name="UserId">Of whom.</param>
/// <param name="DeviceKey">Of the lease.</param>
/// <param name="RequestId">Which of its requests.</param>
/// <param name="Status">How it is.</param>
/// <param name="Token">By which it is said; null of an operator.</param>
internal sealed record LeaseSays(ulong UserId, ulong DeviceKey, ulong RequestId, Status Status, TokenMark? Token);

/// <summary>A request over HTTP at the server, which is answered once.</summary>
internal sealed class SimulatedLease(World world, LeaseSays says) : LeaseRequest(says.UserId, says.DeviceKey, says.Status, null)
{
    /// <summary>What stands for a limit where the token was in the way.</summary>
    public const string ByRevocation = "revoked";

    public LeaseSays Says => says;

    /// <summary>Stands for a connection to those who know the truth.</summary>
    public TrueConnection Caller { get; } = new(null!, 0);

    /// <summary>The limit that was in the way; null when none was.</summary>
    public string? RefusedBy { get; private set; }

    private bool IsAnswered { get; set; }

    protected override void Completed(in PresenceState visible)
    {
        Answer();
        world.Truth.Answers.Completed(this, visible.Version);
    }

    protected internal override void Refused(string limit, int allowed)
    {
        Answer();
        RefusedBy = limit;
    }

    protected internal override void Revoked()
    {
        Answer();
        RefusedBy = ByRevocation;
    }

    protected internal override void NotDurable()
    {
        Answer();
        world.Truth.Answers.NotDurable(this);
    }

    private void Answer()
    {
        if (IsAnswered)
        {
            throw new ViolationException("answers", $"{says} was answered twice");
        }

        IsAnswered = true;
        world.Trace.Note(says.UserId, $"{says} is answered");
    }
}
