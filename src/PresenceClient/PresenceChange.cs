namespace Presence.Client;

/// <summary>A watched user is shown otherwise than before.</summary>
/// <param name="Previous">
/// What was shown before; null the first time. For a slow consumer of <see cref="PresenceClient.Changes"/>, what it saw last:
/// the changes between were skipped.
/// </param>
/// <param name="Current">What is shown now.</param>
public sealed record PresenceChange(PresenceView? Previous, PresenceView Current)
{
    /// <summary>1 … 2^63−1.</summary>
    public ulong UserId => Current.UserId;
}
