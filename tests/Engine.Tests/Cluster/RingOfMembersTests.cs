using CsCheck;

namespace Presence.Engine.Tests;

/// <summary>Who is home of whom: even, the same for all, and moved no more than a join or a leave needs.</summary>
public sealed class RingOfMembersTests
{
    private const int Most = 40;

    private static readonly Gen<(string[] Members, long Seed)> _clusters = Gen.Select(
        Gen.String[Gen.Char.AlphaNumeric, 1, 12].HashSet[1, Most].Select(static ids => ids.ToArray()), Gen.Long);

    [Fact]
    public void Every_member_has_its_share_within_a_tenth() => _clusters.Sample(
        static cluster =>
        {
            double mean = (double)Ring.Slices / cluster.Members.Length;
            Assert.All(new Ring(cluster.Members, cluster.Seed).Shares(), share => Assert.InRange(share, mean * 0.9, mean * 1.1));
        },
        iter: 20);

    [Fact]
    public void A_join_takes_its_share_and_moves_nothing_else() => _clusters.Sample(
        static cluster =>
        {
            var before = new Ring(cluster.Members, cluster.Seed);
            var after = new Ring([.. cluster.Members, "-joined"], cluster.Seed);
            int[] moved = [.. Enumerable.Range(0, Ring.Slices).Where(slice => OwnerOf(before, slice) != OwnerOf(after, slice))];
            Assert.All(moved, slice => Assert.Equal("-joined", OwnerOf(after, slice)));
            Assert.InRange(moved.Length, 1, 1.2 * Ring.Slices / after.Members.Count);
        },
        iter: 10);

    [Fact]
    public void A_leave_moves_what_was_its_own_and_nothing_else() => _clusters.Where(static cluster => cluster.Members.Length > 1).Sample(
        static cluster =>
        {
            string left = cluster.Members[0];
            var before = new Ring(cluster.Members, cluster.Seed);
            var after = new Ring(cluster.Members[1..], cluster.Seed);
            int[] moved = [.. Enumerable.Range(0, Ring.Slices).Where(slice => OwnerOf(before, slice) != OwnerOf(after, slice))];
            Assert.All(moved, slice => Assert.Equal(left, OwnerOf(before, slice)));
            Assert.InRange(moved.Length, 1, 1.2 * Ring.Slices / before.Members.Count);
        },
        iter: 10);

    [Fact]
    public void It_does_not_matter_in_which_order_members_are_named() => _clusters.Sample(
        static cluster =>
        {
            Ring one = new(cluster.Members, cluster.Seed), other = new(cluster.Members.Reverse(), cluster.Seed);
            Assert.Equal(one.Members, other.Members);
            Assert.DoesNotContain(Enumerable.Range(0, Ring.Slices), slice => one.OwnerOfSlice(slice) != other.OwnerOfSlice(slice));
        },
        iter: 10);

    [Fact]
    public void Users_are_spread_as_slices_are() => Gen.Long.Sample(
        static seed =>
        {
            const int Users = 100_000;
            var ring = new Ring(["a", "b", "c"], seed);
            var byOwner = Enumerable.Range(1, Users).CountBy(user => ring.OwnerOf((ulong)user));
            Assert.All(byOwner, static one => Assert.InRange(one.Value, Users / 3 * 0.9, Users / 3 * 1.1));
        },
        iter: 10);

    // Nodes of two builds are members of one cluster during a deploy: what a build computes is part of the protocol.
    [Fact]
    public void Every_build_computes_the_same()
    {
        var ring = new Ring(["node-1", "node-2", "node-3", "node-4"], seed: 42);
        string owners = string.Concat(Enumerable.Range(1, 32).Select(user => ring.OwnerOf((ulong)user)));
        Assert.Equal("01023010002003223211032232212302", owners);
    }

    [Fact]
    public void Two_members_of_one_id_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new Ring(["a", "a"], 0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new Ring([], 0));
    }

    private static string OwnerOf(Ring ring, int slice) => ring.Members[ring.OwnerOfSlice(slice)];
}
