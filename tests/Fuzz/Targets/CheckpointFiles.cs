using Microsoft.Win32.SafeHandles;
using Presence.Server.Storage;

namespace Presence.Fuzz.Targets;

/// <summary>
/// A checkpoint as it may lie on a disk. It is refused as damaged, or its header says no more records than the file has, and each block that verifies is
/// written as the same bytes. The first byte of the input says whether the hashes of its header and blocks are put right first.
/// </summary>
internal static class CheckpointFiles
{
    private const ulong Sequence = 5;
    private const int SealHeader = 1;
    private const int SealBlocks = 2;
    private const string Memory = "/dev/shm";

    private static readonly string _path = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"presence-fuzz-{Environment.ProcessId}");
    private static readonly SafeFileHandle _file =
        File.OpenHandle(_path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);

    private static readonly byte[] _buffer = new byte[CheckpointFormat.MaxBlockBytes];
    private static readonly CheckpointDisk _disk = new();

    public static Target Target { get; } = new("checkpoint", Judge, Seeds, [[1, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]);

    private static bool Judge(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        byte[] file = input[1..];
        Seal(file, input[0]);
        Write(file);
        CheckpointReader reader;
        try
        {
            reader = new CheckpointReader(_path, Sequence, _disk);
        }
        catch (InvalidDataException)
        {
            return false;
        }

        using (reader)
        {
            CheckHeader(reader, file);
            if ((input[0] & SealBlocks) != 0 && SealAll(reader.Layout, file))
            {
                Write(file);
            }

            return CheckBlocks(reader, file);
        }
    }

    private static void Write(byte[] file)
    {
        RandomAccess.SetLength(_file, file.Length);
        RandomAccess.Write(_file, file, 0);
    }

    private static void Seal(byte[] file, byte how)
    {
        if ((how & SealHeader) == 0 || file.Length < CheckpointFormat.HeaderBytes(1))
        {
            return;
        }

        int sections = (int)Math.Min(CheckpointFormat.ReadHead(file).Count, (uint)(file.Length - CheckpointFormat.HeaderBytes(0)) / sizeof(ulong));
        CheckpointFormat.WriteHead(file.AsSpan(0, CheckpointFormat.HeaderBytes(sections)), sections, Sequence, CheckpointFormat.FirstBlock - 1);
    }

    private static bool SealAll(CheckpointLayout layout, byte[] file)
    {
        foreach (CheckpointLayout.Block block in Blocks(layout, sections: CheckpointFormat.ReadHead(file).Count))
        {
            CheckpointFormat.WriteHead(file.AsSpan((int)block.Offset, BytesOf(block)), block.Count, Sequence, block.Place);
        }

        return true;
    }

    private static void CheckHeader(CheckpointReader reader, byte[] file)
    {
        CheckpointHeader header = reader.Header;
        long room = file.Length / CheckpointFormat.EntryBytes;
        Oracle.Holds(header.Sections.All(records => records >= 0 && records <= room) && header.Records <= room, "a header says more records than the file has");
        byte[] bytes = new byte[CheckpointFormat.HeaderBytes(header.Sections.Count)];
        CheckpointFormat.WriteHeader(bytes, header, Sequence);
        Oracle.Equal(file.AsSpan(0, bytes.Length), bytes, "a header is written as other bytes");
    }

    private static bool CheckBlocks(CheckpointReader reader, byte[] file)
    {
        bool isWhole = true;
        foreach (CheckpointLayout.Block block in Blocks(reader.Layout, (uint)reader.Header.Sections.Count))
        {
            try
            {
                ReadOnlySpan<byte> entries = reader.ReadBlock(block, _buffer);
                Oracle.Equal(file.AsSpan((int)block.Offset + CheckpointFormat.HeadBytes, block.Count * CheckpointFormat.EntryBytes), entries, "a block is not what the file has");
                CheckEntries(entries);
                byte[] written = file.AsSpan((int)block.Offset, BytesOf(block)).ToArray();
                CheckpointFormat.WriteHead(written, block.Count, Sequence, block.Place);
                Oracle.Equal(file.AsSpan((int)block.Offset, written.Length), written, "a block verifies that is written as other bytes");
            }
            catch (InvalidDataException)
            {
                isWhole = false;
            }
        }

        return isWhole;
    }

    private static void CheckEntries(ReadOnlySpan<byte> entries)
    {
        Span<byte> again = stackalloc byte[CheckpointFormat.EntryBytes];
        for (; !entries.IsEmpty; entries = entries[CheckpointFormat.EntryBytes..])
        {
            (ulong key, PackedRecord record) = CheckpointFormat.ReadEntry(entries);
            CheckpointFormat.WriteEntry(again, key, record);
            Oracle.Equal(entries[..CheckpointFormat.EntryBytes], again, "an entry is written as other bytes");
        }
    }

    private static IEnumerable<CheckpointLayout.Block> Blocks(CheckpointLayout layout, uint sections)
    {
        for (int section = 0; section < sections; section++)
        {
            for (long number = 0; number < layout.BlocksOf(section); number++)
            {
                yield return layout.BlockOf(section, number);
            }
        }
    }

    private static int BytesOf(in CheckpointLayout.Block block) => CheckpointFormat.HeadBytes + (block.Count * CheckpointFormat.EntryBytes);

    private static IEnumerable<byte[]> Seeds()
    {
        foreach (long[] sections in new long[][] { [0], [3], [2, 0, 1], [1, 1, 1, 1, 1, 1, 1, 1] })
        {
            byte[] file = new byte[new CheckpointLayout(sections).FileBytes];
            CheckpointFormat.WriteHeader(file.AsSpan(0, CheckpointFormat.HeaderBytes(sections.Length)), new CheckpointHeader(99, 1_790_000_000_000, 42, sections), Sequence);
            SealAll(new CheckpointLayout(sections), file);
            yield return [0, .. file];
            yield return [(byte)(SealHeader | SealBlocks), .. file];
        }

        // As many bytes as the sections say together, and one of them says less than nothing.
        long[] impossible = [3, -1, 1];
        byte[] lying = new byte[new CheckpointLayout(impossible).FileBytes];
        CheckpointFormat.WriteHeader(lying.AsSpan(0, CheckpointFormat.HeaderBytes(impossible.Length)), new CheckpointHeader(99, 1_790_000_000_000, 42, impossible), Sequence);
        yield return [0, .. lying];
    }
}
