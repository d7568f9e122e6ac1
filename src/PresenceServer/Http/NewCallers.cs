using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.Server.Transport;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>
/// Whether a caller may come while there is no room for new users, or no time. No resume token says here who was there before, so the caller's home is asked.
/// </summary>
internal sealed class NewCallers(NewUsers newUsers, OverloadMonitor overload, ShardSet shards, NodeCounters counters, TimeProvider time)
{
    // As long as a question may take.
    private static readonly TimeSpan _answeredWithin = TimeSpan.FromSeconds(5);

    /// <returns>Null when the user may come; else a problem with the time to come back at.</returns>
    public async ValueTask<Problem?> CheckAsync(ulong userId, CancellationToken aborted)
    {
        bool isBusy = overload.Sheds(OverloadStep.NewSessions);
        if ((newUsers.MayCome && !isBusy) || await IsKnownAsync(userId, aborted))
        {
            return null;
        }

        if (isBusy)
        {
            counters.Sheds.Add(ShedClass.Sessions);
            return Problem.Overloaded("The node is overloaded, and takes in nobody at present who was not here before.", overload.RetryAfterMs);
        }

        Error error = newUsers.Overloaded();
        counters.Sheds.Add(error);
        return Problem.Overloaded(newUsers.WhyNot, error.ReconnectAfterMs);
    }

    /// <summary>When to try again who finds no room.</summary>
    public uint ComeBackAfterMs() => newUsers.ComeBackAfterMs();

    // The caller asks, so that one who is invisible and was never seen is known too.
    private async Task<bool> IsKnownAsync(ulong userId, CancellationToken aborted)
    {
        var question = new PresenceAnswer([userId], userId);
        await shards.Of(userId).PostReadAsync(question);
        try
        {
            PresenceState state = (await question.States.WaitAsync(_answeredWithin, time, aborted))[0];
            return state.Version != 0 || state.Status == Status.Invisible;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
