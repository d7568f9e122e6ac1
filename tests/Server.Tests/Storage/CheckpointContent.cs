using System.Globalization;
using Presence.Server.Storage;

namespace Presence.Server.Tests.Storage;

/// <summary>What is in a checkpoint file, and damage to it.</summary>
internal static class CheckpointContent
{
    public static List<(ulong Key, PackedRecord Record)> Read(string path)
    {
        var entries = new List<(ulong, PackedRecord)>();
        var buffer = new byte[CheckpointFormat.MaxBlockBytes];
        using CheckpointReader reader = Open(path);
        for (int section = 0; section < reader.Header.Sections.Count; section++)
        {
            for (long number = 0; number < reader.Layout.BlocksOf(section); number++)
            {
                ReadOnlySpan<byte> block = reader.ReadBlock(reader.Layout.BlockOf(section, number), buffer);
                for (; !block.IsEmpty; block = block[CheckpointFormat.EntryBytes..])
                {
                    entries.Add(CheckpointFormat.ReadEntry(block));
                }
            }
        }

        return entries;
    }

    public static CheckpointReader Open(string path) =>
        new(path, ulong.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture), new CheckpointDisk());
}
