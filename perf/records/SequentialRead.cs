using System.Diagnostics;
using Presence.Server.Storage;

namespace Presence.Records;

/// <summary>What loading cannot be faster than on one thread: the same bytes read in order, and their checksums verified.</summary>
internal sealed record SequentialRead(long Bytes, long Records, TimeSpan Time)
{
    public static SequentialRead Of(string path)
    {
        using DataDirectory directory = DataDirectory.Open(path);
        var checkpoints = new CheckpointDirectory(directory.LastActivePath);
        ulong newest = checkpoints.Checkpoints()[0];
        long start = Stopwatch.GetTimestamp();
        using var reader = new CheckpointReader(checkpoints.PathOf(newest), newest, new CheckpointDisk());
        var buffer = new byte[CheckpointFormat.MaxBlockBytes];
        for (int section = 0; section < reader.Header.Sections.Count; section++)
        {
            for (long number = 0; number < reader.Layout.BlocksOf(section); number++)
            {
                reader.ReadBlock(reader.Layout.BlockOf(section, number), buffer);
            }
        }

        return new SequentialRead(reader.Layout.FileBytes, reader.Header.Records, Stopwatch.GetElapsedTime(start));
    }
}
