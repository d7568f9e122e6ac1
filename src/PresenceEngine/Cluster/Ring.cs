using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Presence.Engine;

/// <summary>
/// Who is home of whom in a cluster: a consistent-hash ring over members. Pure and immutable: all nodes that hold the same members and seed compute
/// the same, in any order and in any build. Whoever joins takes from the others and nothing moves between those; whoever leaves gives to the others and nothing else moves.
/// </summary>
/// <remarks>
/// The user space is cut into fixed slices, and a slice belongs to a virtual node. With one look-up on the ring the share of a member would vary by 1/√256 = 6 % around its mean, and one of ten members would
/// be out by a tenth; so each slice is looked up at some places and takes the virtual node that is nearest behind any of them, which leaves 2 %. There are as many
/// slices as keep the chance of their own below that for forty members.
/// </remarks>
public sealed class Ring
{
    /// <summary>Slices of the user space: what a member owns and hands over. A power of two.</summary>
    public const int Slices = 1 << SliceBits;

    /// <summary>Places of one member on the ring.</summary>
    public const int VirtualNodes = 256;

    private const int SliceBits = 18;

    // Look-ups of one slice.
    private const int Probes = 8;

    private const int IndexBits = 16;

    private readonly long _seed;
    private readonly ushort[] _owners = new ushort[Slices];

    /// <param name="members">Ids of the members, each once, at least one.</param>
    /// <param name="seed">The cluster's, and a secret of it: nobody can choose user ids that share a home.</param>
    public Ring(IEnumerable<string> members, long seed)
    {
        _seed = seed;
        Members = [.. members.Order(StringComparer.Ordinal)];
        ArgumentOutOfRangeException.ThrowIfZero(Members.Count, nameof(members));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Members.Count, ushort.MaxValue, nameof(members));
        if (Members.Distinct(StringComparer.Ordinal).Count() < Members.Count)
        {
            throw new ArgumentException($"A member is named twice: {string.Join(", ", Members)}.", nameof(members));
        }

        Assign();
    }

    /// <summary>In the order of their ids; owners are places in it.</summary>
    public IReadOnlyList<string> Members { get; }

    public int SliceOf(ulong userId) =>
        (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in userId)), _seed) >> (64 - SliceBits));

    /// <summary>The home of a user.</summary>
    /// <returns>A place in <see cref="Members"/>.</returns>
    public int OwnerOf(ulong userId) => _owners[SliceOf(userId)];

    /// <summary>The home of all users of a slice.</summary>
    public int OwnerOfSlice(int slice) => _owners[slice];

    /// <summary>Slices of each member.</summary>
    public int[] Shares()
    {
        int[] shares = new int[Members.Count];
        foreach (ushort owner in _owners)
        {
            shares[owner]++;
        }

        return shares;
    }

    // Two million look-ups: too many for code that is yet to be made fast.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Assign()
    {
        (ulong[] places, ushort[] owners) = VirtualNodesInOrder();
        int[] firstOf = Index(places);
        Span<byte> probe = stackalloc byte[sizeof(int) * 2];
        for (int slice = 0; slice < Slices; slice++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(probe, slice);
            ulong nearest = ulong.MaxValue;
            for (int i = 0; i < Probes; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(probe[sizeof(int)..], i);
                ulong at = XxHash3.HashToUInt64(probe, _seed);
                int next = firstOf[at >> (64 - IndexBits)];
                while (next < places.Length && places[next] < at)
                {
                    next++;
                }

                next = next == places.Length ? 0 : next;
                // Around the end by itself.
                ulong distance = places[next] - at;
                if (distance < nearest)
                {
                    (nearest, _owners[slice]) = (distance, owners[next]);
                }
            }
        }
    }

    // Where the places begin that start with the same bits: hardly any has a neighbour there.
    private static int[] Index(ulong[] places)
    {
        int[] firstOf = new int[1 << IndexBits];
        int place = 0;
        for (int bits = 0; bits < firstOf.Length; bits++)
        {
            while (place < places.Length && places[place] >> (64 - IndexBits) < (ulong)bits)
            {
                place++;
            }

            firstOf[bits] = place;
        }

        return firstOf;
    }

    private (ulong[] Places, ushort[] Owners) VirtualNodesInOrder()
    {
        var places = new ulong[Members.Count * VirtualNodes];
        var owners = new ushort[places.Length];
        for (int member = 0; member < Members.Count; member++)
        {
            byte[] name = [.. Encoding.UTF8.GetBytes(Members[member]), .. new byte[sizeof(int)]];
            for (int i = 0; i < VirtualNodes; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(name.AsSpan(name.Length - sizeof(int)), i);
                int at = (member * VirtualNodes) + i;
                (places[at], owners[at]) = (XxHash3.HashToUInt64(name, _seed), (ushort)member);
            }
        }

        // Should two fall on one place, one of 10^15 rings has that, the sort does not say which is first; either is right, but all have to say the same.
        Array.Sort(places, owners);
        for (int i = 1; i < places.Length; i++)
        {
            if (places[i] == places[i - 1] && owners[i] < owners[i - 1])
            {
                (owners[i], owners[i - 1]) = (owners[i - 1], owners[i]);
            }
        }

        return (places, owners);
    }
}
