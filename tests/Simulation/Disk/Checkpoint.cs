using Presence.Engine;

namespace Presence.Simulation;

/// <summary>A complete checkpoint of the store.</summary>
/// <param name="Number">Rises from one to the next; 0 is the one before the first.</param>
/// <param name="Records">By user.</param>
/// <param name="MaxVersion">The highest version seen when it was written.</param>
/// <param name="WatermarkMs">Unix ms of then; -1 before the first.</param>
internal sealed record Checkpoint(ulong Number, IReadOnlyDictionary<ulong, UserRecord> Records, ulong MaxVersion, long WatermarkMs)
{
    public static readonly Checkpoint None = new(0, new Dictionary<ulong, UserRecord>(), 0, -1);

    /// <summary>
    /// What it and the journal together say of a user: the higher version; of equal ones the journal's, with the later times, since a clean stop says when the user
    /// was there last under the version that the journal has from before.
    /// </summary>
    public UserRecord With(ulong userId, in UserRecord journaled)
    {
        UserRecord kept = Records.GetValueOrDefault(userId);
        if (kept.Version != journaled.Version)
        {
            return kept.Version > journaled.Version ? kept : journaled;
        }

        return journaled with
        {
            LastActiveMs = Math.Max(kept.LastActiveMs, journaled.LastActiveMs),
            TrueLastActiveMs = Math.Max(kept.TrueLastActiveMs, journaled.TrueLastActiveMs),
        };
    }
}
