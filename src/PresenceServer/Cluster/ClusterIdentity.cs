using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Presence.Server.Cluster;

/// <summary>Which cluster it is, and which founding of it.</summary>
/// <param name="Seed">Of all hashes of users and devices; a secret of the cluster, and never another as long as it lives.</param>
/// <param name="Epoch">Unix seconds of the founding: rises with every one, whatever was lost.</param>
internal sealed record ClusterIdentity(ulong Seed, long Epoch)
{
    /// <summary>Members of before this founding: who they are is waited for a moment. Empty of the first.</summary>
    public IReadOnlyList<string> Expected { get; init; } = [];

    // Versions of the membership within one founding; 2^28 changes are 80 years of one every ten seconds.
    private const int VersionBits = 28;

    /// <summary>Tells clusters apart and gives nothing away of the seed.</summary>
    public string Name => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in _nameOf)), unchecked((long)Seed)).ToString("x16", CultureInfo.InvariantCulture);

    private static readonly ulong _nameOf = 1;

    /// <summary>What the membership calls this founding: silos of two never meet.</summary>
    public string MembershipName => string.Create(CultureInfo.InvariantCulture, $"{Name}-{Epoch}");

    /// <summary>The version of a ring: rises with every change of the members, over foundings too.</summary>
    public long RingVersion(long membershipVersion) => (Epoch << VersionBits) | membershipVersion;

    /// <summary>The founding after this one.</summary>
    /// <param name="expected">As <see cref="Expected"/>.</param>
    public ClusterIdentity Next(TimeProvider time, IEnumerable<string> expected) => this with
    {
        Epoch = Math.Max(Epoch + 1, time.GetUtcNow().ToUnixTimeSeconds()),
        Expected = [.. expected],
    };
}
