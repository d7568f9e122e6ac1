namespace Presence.Fuzz.Targets;

/// <summary>Every target: see docs/fuzzing.md.</summary>
internal static class AllTargets
{
    public static IReadOnlyList<Target> List { get; } =
    [
        FrameStreams.Target, ClientMessages.Target, ServerMessages.Target,
        WebSocketFrames.Target, Upgrades.Target,
        Jwts.Target, Resumes.Target, RevocationLists.Target,
        JsonBodies.Status, JsonBodies.Question, QueryTexts.UserIds, QueryTexts.Cursor,
        JournalRecords.Target, JournalSegments.Target, CheckpointFiles.Target,
        PeerBatches.Target,
    ];

    /// <returns>Null when there is none of that name.</returns>
    public static Target? Named(string name) => List.FirstOrDefault(target => target.Name == name);
}
