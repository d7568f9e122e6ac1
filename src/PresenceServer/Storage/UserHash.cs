using System.Numerics;

namespace Presence.Server.Storage;

/// <summary>A hash of user ids keyed by the data directory's seed: chosen ids cannot be aimed at one bucket or table.</summary>
internal sealed class UserHash(ulong seed)
{
    public ulong Seed => seed;

    /// <summary>The finalizer of SplitMix64 over the seeded id: every input bit reaches every output bit.</summary>
    public ulong Of(ulong key)
    {
        var x = key ^ seed;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>Which of <paramref name="tables"/> tables holds the user; independent of what finds it there.</summary>
    public int Table(ulong userId, int tables)
    {
        var mixed = Of(BitOperations.RotateLeft(userId & ~PackedRecord.CompanionBit, 32));
        return (int)Math.BigMul(mixed, (ulong)tables, out _);
    }
}
