using Presence.LoadClient.Fleets;

namespace Presence.LoadClient.Scenarios;

/// <summary>The end of a run: nothing new is asked, and all that was asked comes to rest.</summary>
internal static class Quiescence
{
    /// <summary>How long answers and updates may take after the last request.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Answers first; then a round trip on every connection, behind which nothing can be under way but updates that a congested connection
    /// still waits for; then until all is right, or the patience is over.
    /// </summary>
    /// <param name="longer">What may take longer than <see cref="Patience"/>, such as changes that the server delays.</param>
    /// <param name="isAnswered">Every request was answered.</param>
    /// <param name="isRight">Looked at after every batch of events.</param>
    public static void Wait(RunContext context, IReadOnlyList<Fleet> fleets, TimeSpan longer, Func<bool> isAnswered, Func<bool> isRight)
    {
        TimeSpan end = context.Loop.Now + Patience + longer;
        context.RunUntil(() => fleets.All(static fleet => fleet.HasSettled) && isAnswered(), end);
        foreach (Fleet fleet in fleets)
        {
            long acks = fleet.AskAllForAck();
            context.RunUntil(() => fleet.Heartbeats.Acked >= acks, end);
        }

        context.RunUntil(isRight, end);
    }
}
