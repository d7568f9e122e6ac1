using Microsoft.Win32.SafeHandles;

namespace Presence.Server.Storage;

/// <summary>What checkpoints are read from; tests pass in one that waits or fails.</summary>
internal interface ICheckpointDisk
{
    /// <summary>As <see cref="RandomAccess.Read(SafeFileHandle, Span{byte}, long)"/>.</summary>
    int Read(SafeFileHandle file, Span<byte> into, long offset);
}

/// <summary>The real one.</summary>
internal sealed class CheckpointDisk : ICheckpointDisk
{
    public int Read(SafeFileHandle file, Span<byte> into, long offset) => RandomAccess.Read(file, into, offset);
}
