using Presence.Server.Storage.Journal;

namespace Presence.Simulation;

/// <summary>
/// The journal's directory as one process writes it. A sync takes the disk's time, in which everything else goes on; a process that has ended meanwhile does
/// nothing more.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="node">May stand still.</param>
/// <param name="chance">Of how long a sync takes.</param>
internal sealed class JournalFiles(World world, Node node, Chance chance) : IJournalFiles
{
    private readonly Agenda _agenda = world.Agenda;
    private readonly Disk _disk = world.Disk;
    private bool _isDead;

    public long FreeBytes => 1L << 40;

    /// <summary>Nobody waits for the disk any more.</summary>
    public bool IsClosing { get; set; }

    public IReadOnlyList<string> Names() => _disk.Journal.Names;

    public bool Exists(string name) => _disk.Journal.Exists(name);

    public long LengthOf(string name) => _disk.Journal[name].Length;

    public void Read(string name, Span<byte> to, long offset) => _disk.Journal[name].Written.Slice((int)offset, to.Length).CopyTo(to);

    public IJournalFile Create(string name, long bytes)
    {
        ThrowIfDead();
        return _disk.WritesFail ? throw new IOException("no space left") : new OpenFile(this, _disk.Journal.Create(name), name, bytes);
    }

    public void Cut(string name, long bytes)
    {
        ThrowIfDead();
        _disk.Journal[name].Cut((int)bytes);
        _disk.Journal[name].Sync();
    }

    public void Delete(string name)
    {
        ThrowIfDead();
        _disk.Journal.Delete(name);
    }

    public void Die() => _isDead = true;

    private void Wait()
    {
        long until = _agenda.Now + chance.Between(0, world.Plan.Settings.SyncMs) + _disk.LateMs;
        _agenda.WaitWhile(() => !_isDead && !IsClosing && (_agenda.Now < until || node.IsPaused));
        ThrowIfDead();
    }

    private void ThrowIfDead()
    {
        if (_isDead)
        {
            throw new IOException("the process is gone");
        }
    }

    private sealed class OpenFile(JournalFiles files, JournalBytes bytes, string name, long room) : IJournalFile
    {
        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> parts, long offset)
        {
            files.ThrowIfDead();
            byte[] all = [.. parts.SelectMany(static part => part.ToArray())];
            if (offset + all.Length > room)
            {
                files._agenda.Break(new ViolationException("journal", $"{name} is written beyond the {room} bytes it has taken"));
            }

            if (files._disk.WritesFail)
            {
                bytes.Write(all.AsSpan(0, files.Some(all.Length)), (int)offset);
                bytes.Break();
                throw new IOException("no space left");
            }

            bytes.Write(all, (int)offset);
        }

        public void Sync()
        {
            files.Wait();
            if (files._disk.WritesFail)
            {
                bytes.Break();
                throw new IOException("the disk has failed");
            }

            int before = bytes.Synced;
            bytes.Sync();
            files._disk.Journaled.Take(bytes.Written[..bytes.Synced], name, before);
        }

        public void Cut(long length)
        {
            files.ThrowIfDead();
            bytes.Cut((int)length);
        }

        public void Dispose()
        {
        }
    }

    private int Some(int most) => chance.Below(most + 1);
}
