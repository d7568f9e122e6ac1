using CsCheck;

namespace Presence.Engine.Tests;

public sealed class WatcherSetsTests
{
    private static readonly Gen<(bool Adds, int Slot)[]> _steps =
        Gen.Select(Gen.Frequency((3, Gen.Const(true)), (2, Gen.Const(false))), Gen.Int[0, 90]).Array[0, 600];

    [Fact]
    public void Small_sets_are_sets() => _steps.Sample(steps =>
    {
        var sets = new Sets();
        foreach ((bool adds, int slot) in steps)
        {
            sets.Step(adds, slot);
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

            var sets = new Sets();
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

    private sealed class Sets
    {
        private readonly SortedSet<int> _model = [];
        private readonly WatcherSets _real = new(new IntArena());
        private WatchedUser _user;

        public bool IsLarge => _user.Has(WatchedFlags.Large);

        public void Step(bool adds, int slot)
        {
            Assert.Equal(adds ? _model.Add(slot) : _model.Remove(slot), adds ? _real.Add(ref _user, slot) : _real.Remove(ref _user, slot));
            Assert.Equal(_model.Count, _user.Count);
            Assert.Equal(adds, _real.Contains(_user, slot));
        }

        public void AssertSame()
        {
            Assert.Equal(_model, Walk(most: 7));
            Assert.Equal(_model, Walk(most: 10_000));
        }

        // As the fan-out does: a bounded batch at a time, going on behind the last.
        private List<int> Walk(int most)
        {
            var all = new List<int>();
            var batch = new int[most];
            int copied;
            do
            {
                copied = _real.Copy(_user, all.Count == 0 ? 0 : all[^1] + 1, batch);
                all.AddRange(batch[..copied]);
            }
            while (copied == most);

            return all;
        }
    }
}
