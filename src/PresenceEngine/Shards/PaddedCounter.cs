using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>A counter on cache lines of its own: the two ends of a ring are written by different threads. Outside the rings because a type with explicit
/// layout cannot be nested in a generic one.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedCounter
{
    [FieldOffset(64)]
    public long Value;
}
