namespace Presence.LoadClient.Reports;

/// <summary>Where the figures of a run come from.</summary>
/// <param name="CommandLine">As it was typed, to repeat it.</param>
/// <param name="ServerVersion">Version and commit; null: the server is not on this machine.</param>
/// <param name="GeneratorVersion">Version and commit of LoadClient.</param>
/// <param name="Machine">That of the generator.</param>
internal sealed record RunInfo(
    string CommandLine, string Server, string? ServerVersion, string GeneratorVersion, string Machine, DateTimeOffset Started);
