using Presence.Engine;
using Presence.Server.Storage;
using Presence.V1;

namespace Presence.Records;

/// <summary>A data directory as a server leaves it: users 1 … N, most of them offline within the last week, some online, a few invisible.</summary>
internal static class MadeDirectory
{
    private const ulong OnlineEvery = 10;
    private const ulong InvisibleEvery = 1_000;
    private const ulong SpreadMs = 6 * 24 * 3_600_000;
    private const int VersionTimeShift = 16;

    /// <param name="path">Of a directory that is not there yet.</param>
    /// <param name="users">How many.</param>
    /// <param name="tables">Of the server that is supposed to have written it.</param>
    public static void Make(string path, long users, int tables)
    {
        using DataDirectory directory = DataDirectory.Open(path);
        var checkpoints = new CheckpointDirectory(directory.LastActivePath);
        ulong sequence = checkpoints.NextSequence();
        using var file = new CheckpointFile(checkpoints.PathOf(sequence), sequence, tables);
        var blocks = new BlockWriter(file);
        var hash = new UserHash(directory.HashSeed);
        ulong nowMs = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var sections = new long[tables];
        for (int table = 0; table < tables; table++)
        {
            for (ulong user = 1; user <= (ulong)users; user++)
            {
                if (hash.Table(user, tables) == table)
                {
                    blocks.Add(RecordOf(user, nowMs));
                }
            }

            sections[table] = blocks.EndSection();
        }

        file.Complete(new CheckpointHeader(nowMs << VersionTimeShift, (long)nowMs, directory.HashSeed, sections));
    }

    private static UserRecord RecordOf(ulong user, ulong nowMs)
    {
        ulong seenMs = nowMs - (user * 0x9E3779B97F4A7C15 % SpreadMs);
        bool isInvisible = user % InvisibleEvery == 0;
        Status status = user % OnlineEvery == 1 ? Status.Online : Status.Offline;
        byte flags = isInvisible ? UserRecordFlags.Invisible : UserRecordFlags.None;
        return new UserRecord(user, seenMs << VersionTimeShift, (long)seenMs, (long)seenMs + (isInvisible ? 1 : 0), (byte)status, flags);
    }
}
