using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Presence.Engine;

/// <summary>
/// Memory that will be needed soon: asked for early, many misses are waited for at the same time. A hint; where there is no such
/// instruction, nothing.
/// </summary>
internal static unsafe class Cache
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
