namespace Presence.Server.Storage;

/// <summary>The beginning of a checkpoint: what must be known of it before it is read.</summary>
/// <param name="MaxVersion">The highest version the server had seen, whether or not its record is in the file.</param>
/// <param name="WatermarkMs">Unix milliseconds at which the checkpoint was complete.</param>
/// <param name="HashSeed">Of the data directory that wrote it: decides who is in which section.</param>
/// <param name="Sections">Records of each section.</param>
internal sealed record CheckpointHeader(ulong MaxVersion, long WatermarkMs, ulong HashSeed, IReadOnlyList<long> Sections)
{
    public long Records => Sections.Sum();

    /// <summary>The first and last section that hold users of a table, however many tables there were when it was written.</summary>
    public (int First, int Last) SectionsOf(int table, int tables) =>
        ((int)((long)table * Sections.Count / tables), (int)((((long)(table + 1) * Sections.Count) - 1) / tables));
}
