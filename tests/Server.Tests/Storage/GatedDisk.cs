using Microsoft.Win32.SafeHandles;
using Presence.Server.Storage;

namespace Presence.Server.Tests.Storage;

/// <summary>Gives the header of a checkpoint at once, and its blocks when the test lets it.</summary>
internal sealed class GatedDisk : ICheckpointDisk, IDisposable
{
    private readonly ManualResetEventSlim _gate = new();
    private readonly CheckpointDisk _disk = new();
    private long _openUpTo;
    private long _failsAt = -1;

    /// <summary>All blocks.</summary>
    public void Open() => _gate.Set();

    /// <summary>Blocks that begin before this offset, whatever the gate.</summary>
    public void OpenUpTo(long offset) => _openUpTo = offset;

    /// <summary>The next read of this offset fails as of a disk that is broken there.</summary>
    public void FailOnce(long offset) => _failsAt = offset;

    public int Read(SafeFileHandle file, Span<byte> into, long offset)
    {
        if (offset > 0 && offset >= _openUpTo)
        {
            _gate.Wait();
        }

        return Interlocked.CompareExchange(ref _failsAt, -1, offset) == offset
            ? throw new IOException("Input/output error")
            : _disk.Read(file, into, offset);
    }

    public void Dispose() => _gate.Dispose();
}
