using CsCheck;

namespace Presence.Engine.Tests;

public sealed class OwnedListsTests
{
    private const int Owners = 40;

    // Mostly small steps around the borders of sizes, now and then a leap.
    private static readonly Gen<(int Owner, int Count)[]> _steps =
        Gen.Select(Gen.Int[0, Owners - 1], Gen.Frequency((9, Gen.Int[0, 40]), (1, Gen.Int[0, OwnedLists.MaxCount]))).Array[0, 1_500];

    [Fact]
    public void Lists_keep_what_they_hold_while_others_change_their_size() => _steps.Sample(steps =>
    {
        using var owned = new OwnedLists();
        var lists = new IntList[Owners];
        var model = new int[Owners][];
        Array.Fill(model, []);
        for (int i = 0; i < steps.Length; i++)
        {
            (int owner, int count) = steps[i];
            int kept = Math.Min(count, model[owner].Length);
            Resize(owned, lists, owner, count);
            Span<int> items = owned.Items(lists[owner]);
            Assert.Equal(model[owner].AsSpan(0, kept), items[..kept]);
            items[kept..].Fill(i);
            model[owner] = items.ToArray();
        }

        for (int owner = 0; owner < Owners; owner++)
        {
            Assert.Equal(model[owner], owned.Items(lists[owner]));
        }
    }, iter: 100);

    [Fact]
    public void A_block_wastes_at_most_a_third()
    {
        Assert.Equal(0, OwnedLists.CapacityFor(0));
        for (int count = 1; count <= OwnedLists.MaxCount; count++)
        {
            int capacity = OwnedLists.CapacityFor(count);
            Assert.InRange(capacity + 1, count + 1, (count + 1) * 3 / 2);
            Assert.Equal(capacity, OwnedLists.CapacityFor(capacity));
        }
    }

    // All lists grow through all sizes together and shrink in another order: no size keeps what it once needed.
    [Fact]
    public void Sizes_that_lists_have_left_cost_nothing()
    {
        const int Many = 20_000;
        using var owned = new OwnedLists();
        var lists = new IntList[Many];
        var order = Enumerable.Range(0, Many).ToArray();
        foreach (int count in (int[])[1, 2, 3, 5, 7, 11, 15, 20, 9, 4, 1, 0])
        {
            new Random(count).Shuffle(order);
            foreach (int owner in order)
            {
                Resize(owned, lists, owner, count);
            }

            long needed = count == 0 ? 0 : (long)Many * (OwnedLists.CapacityFor(count) + 1) * sizeof(int);
            Assert.InRange(owned.Bytes, needed, needed + (10 * 2 * EqualBlocks.SlackBytes));
        }
    }

    private static void Resize(OwnedLists owned, IntList[] lists, int owner, int count)
    {
        int block = lists[owner].Block;
        lists[owner] = owned.Resize(lists[owner], count, owner, out int moved);
        if (moved != OwnedLists.None)
        {
            lists[moved] = lists[moved] with { Block = block };
        }
    }
}
