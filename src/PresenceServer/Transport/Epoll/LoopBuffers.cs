using System.Buffers;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// Buffers as loops use them. What is read goes into a scratch that the next read of any connection uses again, small blocks are kept at hand for a
/// turn's writes, and all else, and all other threads, use the shared pool. Every buffer can be given back anywhere.
/// </summary>
internal sealed class LoopBuffers
{
    /// <summary>What one read can bring.</summary>
    public const int ScratchBytes = 16_384;

    /// <summary>Holds a few frames: one turn's writes to a connection, or the beginning of a frame that has not come whole.</summary>
    public const int BlockBytes = 256;

    // A turn's worth of deliveries.
    private const int MaxBlocks = 4_096;

    [ThreadStatic]
    private static LoopBuffers? t_own;

    private readonly Stack<byte[]> _blocks = new();
    private byte[]? _scratch;

    /// <summary>These are this thread's from now on.</summary>
    public void UseHere() => t_own = this;

    /// <summary>At least so many bytes.</summary>
    public static byte[] Rent(int bytes)
    {
        if (t_own is { } own)
        {
            if (bytes <= BlockBytes && own._blocks.TryPop(out byte[]? block))
            {
                return block;
            }

            if (bytes == ScratchBytes && own._scratch is { } scratch)
            {
                own._scratch = null;
                return scratch;
            }
        }

        return ArrayPool<byte>.Shared.Rent(Math.Max(bytes, BlockBytes));
    }

    public static void Return(byte[] buffer)
    {
        if (t_own is { } own)
        {
            if (buffer.Length == ScratchBytes && own._scratch is null)
            {
                own._scratch = buffer;
                return;
            }

            if (buffer.Length == BlockBytes && own._blocks.Count < MaxBlocks)
            {
                own._blocks.Push(buffer);
                return;
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
