using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>
/// Zeroed memory in large blocks, in which only what is touched is used. Random access to tables of gigabytes is as much a matter of the
/// address translation as of the cache, so a block may ask for huge pages, where the system has them to give (Linux,
/// <c>transparent_hugepage=madvise</c>); then it is used as a whole.
/// </summary>
public static unsafe partial class Pages
{
    /// <summary>Size of a huge page, and of a block that asks for one.</summary>
    public const int HugeBytes = 2 << 20;

    private const int CacheLine = 64;
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymous = 2 | 0x20;
    private const int AdviseNotNeeded = 4;
    private const int AdviseHugePage = 14;

    /// <summary>A block at a multiple of <see cref="HugeBytes"/> on Linux, of a cache line elsewhere.</summary>
    /// <exception cref="InsufficientMemoryException">The system has no more.</exception>
    public static void* Map(nuint bytes, bool huge)
    {
        if (!OperatingSystem.IsLinux())
        {
            return AllocateAligned(bytes);
        }

        nint mapped = MMap(0, bytes + HugeBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (mapped == -1)
        {
            throw new InsufficientMemoryException(
                $"The system refused {bytes} bytes for the tables of users; give the process more memory, or lower Presence:Store:MemoryBudget.");
        }

        nint start = (mapped + HugeBytes - 1) & ~(nint)(HugeBytes - 1);
        Trim(mapped, start);
        Trim(start + (nint)bytes, mapped + (nint)bytes + HugeBytes);
        if (huge)
        {
            // Refused where there are none: then the block is of small pages.
            _ = MAdvise(start, bytes, AdviseHugePage);
        }

        return (void*)start;
    }

    public static void Unmap(void* block, nuint bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = MUnmap((nint)block, bytes);
        }
        else
        {
            NativeMemory.Free(((void**)block)[-1]);
        }
    }

    /// <summary>
    /// Gives back the memory of a part of a block, which is of small pages: all pages that begin in it, with what is behind its end on the last.
    /// It can be used again; its content is undefined until then. Linux; elsewhere nothing.
    /// </summary>
    public static void Discard(void* from, void* to)
    {
        nint page = Environment.SystemPageSize;
        nint first = ((nint)from + page - 1) & -page;
        nint end = ((nint)to + page - 1) & -page;
        if (OperatingSystem.IsLinux() && first < end)
        {
            _ = MAdvise(first, (nuint)(end - first), AdviseNotNeeded);
        }
    }

    private static void Trim(nint from, nint to)
    {
        if (to > from)
        {
            _ = MUnmap(from, (nuint)(to - from));
        }
    }

    // What was allocated is kept in front of what is handed out.
    private static void* AllocateAligned(nuint bytes)
    {
        void* allocated = NativeMemory.AllocZeroed(bytes + (2 * CacheLine));
        var block = (void**)(((nint)allocated + (2 * CacheLine) - 1) & ~(nint)(CacheLine - 1));
        block[-1] = allocated;
        return block;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MMap(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int MUnmap(nint address, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(nint address, nuint bytes, int advice);
}
