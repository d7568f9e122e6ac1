using CsCheck;

namespace Presence.Engine.Tests;

public sealed class SlotListsTests
{
    private const int Slots = 3;

    [Fact]
    public void Lists_hold_what_was_added_wherever_it_moves() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 999]).Array[0, 2_000].Sample(acts =>
        {
            using var lists = new SlotLists(Slots);
            var places = new Dictionary<int, int>();
            var slotOf = new Dictionary<int, int>();
            var taken = new int[70];
            for (int value = 0; value < acts.Length; value++)
            {
                (int act, int which) = acts[value];
                int slot = which % Slots;
                if (act < 6)
                {
                    places[value] = lists.Add(slot, value);
                    slotOf[value] = slot;
                }
                else if (act < 9 && places.Count > 0)
                {
                    (int removed, int place) = places.ElementAt(which % places.Count);
                    int moved = lists.RemoveAt(place);
                    places.Remove(removed);
                    slotOf.Remove(removed);
                    if (moved >= 0)
                    {
                        places[moved] = place;
                    }
                }
                else
                {
                    int count = lists.TakeLast(slot, taken.AsSpan(0, which % taken.Length));
                    foreach (int gone in taken.AsSpan(0, count))
                    {
                        Assert.Equal(slot, slotOf[gone]);
                        Assert.True(slotOf.Remove(gone) && places.Remove(gone), "taken twice");
                    }
                }

                Assert.Equal(slotOf.Values.Count(of => of == slot), lists.Count(slot));
            }

            for (int slot = 0; slot < Slots; slot++)
            {
                while (lists.TakeLast(slot, taken) is > 0 and var count)
                {
                    Assert.All(taken[..count], gone => Assert.True(slotOf.Remove(gone, out int of) && of == slot));
                }
            }

            Assert.Empty(slotOf);
        }, iter: 200);
}
