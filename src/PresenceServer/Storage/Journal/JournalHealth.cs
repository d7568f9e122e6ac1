namespace Presence.Server.Storage.Journal;

/// <summary>The state of the journal at one moment.</summary>
/// <param name="Problem">What is wrong, for an operator to read; null when all is well. Presence is served either way.</param>
/// <param name="Commits">Commits of this process.</param>
/// <param name="Failures">Attempts that failed.</param>
/// <param name="Coalesced">Changes that were replaced by a newer one of their user before they were written.</param>
/// <param name="LeftOut">Changes that only the last-active store has.</param>
/// <param name="Late">Users of whom only the newest change waits, because the disk is behind.</param>
public sealed record JournalHealth(string? Problem, long Commits, long Failures, long Coalesced, long LeftOut, long Late);
