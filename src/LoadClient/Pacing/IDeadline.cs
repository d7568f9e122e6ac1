namespace Presence.LoadClient.Pacing;

/// <summary>Something that has to be done at a time.</summary>
internal interface IDeadline
{
    /// <summary>The time has come, or has passed: does all that is due.</summary>
    /// <param name="now">Since the event loop began.</param>
    /// <returns>When to be called again; null: not again.</returns>
    TimeSpan? OnDue(TimeSpan now);
}
