using Microsoft.Win32.SafeHandles;

namespace Presence.Server.Storage;

/// <summary>Reads a checkpoint block by block; nothing that does not verify is handed out.</summary>
internal sealed class CheckpointReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly ulong _sequence;
    private readonly byte[] _buffer = new byte[CheckpointFormat.MaxBlockBytes];
    private long _offset;
    private long _place;
    private ulong _records;

    public CheckpointReader(string path, ulong sequence)
    {
        _file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        _sequence = sequence;
    }

    /// <summary>Set when the last block was read.</summary>
    public CheckpointFooter? Footer { get; private set; }

    /// <summary>The entries of the next block; empty when the footer was read.</summary>
    /// <exception cref="InvalidDataException">The file is torn or damaged here.</exception>
    public ReadOnlySpan<byte> ReadBlock()
    {
        var head = ReadBytes(0, CheckpointFormat.HeadBytes);
        var (count, format, hash) = CheckpointFormat.ReadHead(head);
        if (format != CheckpointFormat.Version || count > CheckpointFormat.MaxEntries)
        {
            throw Damaged($"no block begins here (format {format}, count {count})");
        }

        var length = count == 0 ? CheckpointFormat.FooterBytes : (int)count * CheckpointFormat.EntryBytes;
        var payload = ReadBytes(CheckpointFormat.HeadBytes, length);
        if (CheckpointFormat.Hash(payload, _sequence, _place) != hash)
        {
            throw Damaged("the checksum does not match");
        }

        _offset += CheckpointFormat.HeadBytes + length;
        _place++;
        _records += count;
        return count == 0 ? End(payload) : payload;
    }

    public void Dispose() => _file.Dispose();

    private ReadOnlySpan<byte> End(ReadOnlySpan<byte> payload)
    {
        var footer = CheckpointFormat.ReadFooter(payload);
        if (footer.Records != _records)
        {
            throw Damaged($"it should hold {footer.Records} records and holds {_records}");
        }

        Footer = footer;
        return default;
    }

    private ReadOnlySpan<byte> ReadBytes(int at, int length)
    {
        var target = _buffer.AsSpan(at, length);
        var done = 0;
        while (done < length)
        {
            var read = RandomAccess.Read(_file, target[done..], _offset + at + done);
            if (read == 0)
            {
                throw Damaged("the file ends in the middle of a block");
            }

            done += read;
        }

        return target;
    }

    private InvalidDataException Damaged(string what) => new($"at byte {_offset}: {what}");
}
