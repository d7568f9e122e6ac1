using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Security;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>A status without a stream. The answer is what is visible then, or the limit that was in the way.</summary>
/// <param name="userId">Whose.</param>
/// <param name="deviceKey">Of the lease.</param>
/// <param name="status">To be set.</param>
/// <param name="text">Beside it.</param>
/// <param name="newCallers">Says when to try again if there is no room for the user.</param>
internal sealed class StatusLease(ulong userId, ulong deviceKey, Status status, byte[]? text, NewCallers newCallers)
    : LeaseRequest(userId, deviceKey, status, text)
{
    private const string DurabilityProblem =
        "The status is shown, but the server cannot write it down at present: a crash may lose it. Repeat the request later to be sure.";

    private readonly TaskCompletionSource<(PresenceState Visible, Problem? Problem)> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<(PresenceState Visible, Problem? Problem)> Answer => _answer.Task;

    protected override void Completed(in PresenceState visible) => _answer.TrySetResult((visible, null));

    protected override void NotDurable() => _answer.TrySetResult((default, Problem.Unavailable(DurabilityProblem)));

    protected override void Revoked() => _answer.TrySetResult((default, Problem.Of(TokenRejections.Revoked)));

    protected override void Refused(string limit, int allowed) => _answer.TrySetResult((default, limit == ShardOptions.Users
        ? Problem.Overloaded($"{limit} is {allowed} and as many are here; who is up is served on.", newCallers.ComeBackAfterMs())
        : Problem.InUse(limit, allowed)));
}
