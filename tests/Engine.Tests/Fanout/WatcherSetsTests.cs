using CsCheck;

namespace Presence.Engine.Tests;

public sealed class WatcherSetsTests
{
    private const int Users = 5;

    private static readonly Gen<(bool Adds, int User, int Slot)[]> _steps =
        Gen.Select(Gen.Frequency((3, Gen.Const(true)), (2, Gen.Const(false))), Gen.Int[0, Users - 1], Gen.Int[0, 40]).Array[0, 900];

    [Fact]
    public void Small_sets_are_sets() => _steps.Sample(steps =>
    {
        using var sets = new Sets();
        foreach ((bool adds, int user, int slot) in steps)
        {
            sets.Step(adds, slot, user);
        }

        sets.AssertSame();
    }, iter: 500);

    // Grows over the border, shrinks under it and grows again, so that both conversions happen.
    [Fact]
    public void A_set_stays_a_set_over_the_border_between_small_and_large() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[0, 2]).Sample((seed, order) =>
        {
            var random = new Random(seed);
            int[] slots = [.. Enumerable.Range(0, 1_500)];
            if (order > 0)
            {
                random.Shuffle(slots);
            }

            using var sets = new Sets();
            bool wasLarge = false;
            foreach (int slot in slots)
            {
                sets.Step(adds: true, slot);
            }

            sets.AssertSame();
            wasLarge = sets.IsLarge;
            random.Shuffle(slots);
            foreach (int slot in slots.AsSpan(0, 1_300))
            {
                sets.Step(adds: false, slot);
            }

            sets.AssertSame();
            Assert.True(wasLarge && !sets.IsLarge);
            foreach (int slot in slots)
            {
                sets.Step(adds: true, slot);
            }

            Assert.True(sets.IsLarge);
            sets.AssertSame();
        }, iter: 30);

    [Fact]
    public void A_large_set_is_a_set() =>
        Gen.Int[1, 1_000_000].Sample(seed =>
        {
            var random = new Random(seed);
            var real = new LargeSet([]);
            var model = new SortedSet<int>();
            for (int i = 0; i < 8_000; i++)
            {
                int slot = random.Next(4_000);
                if (random.Next(5) < 3)
                {
                    Assert.Equal(model.Add(slot), real.Add(slot));
                }
                else if (model.Count > 1)
                {
                    Assert.Equal(model.Remove(slot), real.Remove(slot));
                }
            }

            Assert.Equal(model.Count, real.Count);
            int from = random.Next(4_000);
            var copy = new int[4_000];
            Assert.Equal(model.Where(slot => slot >= from), copy[..real.Copy(from, copy)]);
            Assert.All(Enumerable.Range(0, 4_000), slot => Assert.Equal(model.Contains(slot), real.Contains(slot)));
        }, iter: 20);

    [Fact]
    public void A_large_set_has_the_blocks_its_slots_need_in_whatever_order_they_come_and_go() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Enum<Order>(), Gen.Enum<Order>()).Sample((seed, coming, going) =>
        {
            int[] slots = [.. Enumerable.Range(0, 19_999)];
            var random = new Random(seed);
            var set = new LargeSet([]);
            Arrange(slots, coming, random);
            for (int i = 0; i < slots.Length; i++)
            {
                Assert.True(set.Add(slots[i]));
                AssertFilled(set, i);
            }

            Arrange(slots, going, random);
            for (int i = 0; i < slots.Length - 1; i++)
            {
                Assert.True(set.Remove(slots[i]));
                AssertFilled(set, i);
            }

            Assert.True(set.Contains(slots[^1]));
        }, iter: 100);

    private static void Arrange(int[] slots, Order order, Random random)
    {
        int Place(int slot) => order switch
        {
            Order.Descending => -slot,
            Order.PairsDescendingBehindAFullBlock => slot < LargeSet.BlockSize - 1 ? slot - (2 * slots.Length) : (slot % 2 * -2) - slot,
            Order.AllButFewAscending => slot % 50 == 0 ? slot + slots.Length : slot,
            Order.AllButFewDescending => slot % 50 == 0 ? slot : -slot - slots.Length,
            Order.RoundTheBlocks => (slot % LargeSet.BlockSize * slots.Length) + slot,
            _ => slot,
        };

        Array.Sort(slots, (one, other) => Place(one).CompareTo(Place(other)));
        if (order == Order.Shuffled)
        {
            random.Shuffle(slots);
        }
    }

    // A block and its objects are less than 2,200 bytes; all but one are a quarter full on average.
    private static void AssertFilled(LargeSet set, int step)
    {
        if (step % 100 == 0)
        {
            Assert.InRange(set.Bytes, 4 * set.Count, 2_200 * (1 + (set.Count / (LargeSet.BlockSize / 4))));
        }
    }

    private enum Order
    {
        Ascending,
        Descending,
        Shuffled,
        PairsDescendingBehindAFullBlock,
        AllButFewAscending,
        AllButFewDescending,
        RoundTheBlocks,
    }

    private sealed class Sets : IDisposable
    {
        private readonly Slab<WatchedUser> _users = new();
        private readonly WatcherSets _real;
        private readonly SortedSet<int>[] _models = [.. Enumerable.Range(0, Users).Select(static _ => new SortedSet<int>())];

        public Sets()
        {
            _real = new(_users);
            Assert.All(_models.Index(), model => Assert.Equal(model.Index, _users.Allocate()));
        }

        public bool IsLarge => _users[0].Has(WatchedFlags.Large);

        public void Step(bool adds, int slot, int user = 0)
        {
            SortedSet<int> model = _models[user];
            Assert.Equal(adds ? model.Add(slot) : model.Remove(slot), adds ? _real.Add(user, slot) : _real.Remove(user, slot));
            Assert.Equal(model.Count, _users[user].Count);
            Assert.Equal(adds, _real.Contains(user, slot));
        }

        public void AssertSame()
        {
            for (int user = 0; user < Users; user++)
            {
                Assert.Equal(_models[user], Walk(user, most: 7));
                Assert.Equal(_models[user], Walk(user, most: 10_000));
            }
        }

        public void Dispose()
        {
            _real.Dispose();
            _users.Dispose();
        }

        // As the fan-out does: a bounded batch at a time, going on behind the last.
        private List<int> Walk(int user, int most)
        {
            var all = new List<int>();
            var batch = new int[most];
            int copied;
            do
            {
                copied = _real.Copy(user, all.Count == 0 ? 0 : all[^1] + 1, batch);
                all.AddRange(batch[..copied]);
            }
            while (copied == most);

            return all;
        }
    }
}
