using CsCheck;

namespace Presence.Engine.Tests;

public sealed class TimingWheelTests
{
    private const int Nodes = 200;

    private static readonly Gen<Step> _steps = Gen.Frequency(
        (5, Gen.Select(Gen.Int[0, Nodes - 1], Gen.UInt[0, 300], (node, ticks) => new Step(Act.Arm, node, ticks))),
        (2, Gen.Select(Gen.Int[0, Nodes - 1], Gen.UInt[1_500, 9_000], (node, ticks) => new Step(Act.Arm, node, ticks))),
        (2, Gen.Select(Gen.Int[0, Nodes - 1], node => new Step(Act.Cancel, node, 0))),
        (4, Gen.UInt[0, 40].Select(ticks => new Step(Act.Advance, 0, ticks))),
        (1, Gen.UInt[500, 3_000].Select(ticks => new Step(Act.Advance, 0, ticks))));

    private enum Act
    {
        Arm,
        Cancel,
        Advance,
    }

    [Fact]
    public void Nothing_fires_early_and_nothing_is_lost() =>
        Gen.Select(Gen.UInt[0, 5_000], Gen.Int[1, 7], _steps.Array[0, 300]).Sample((start, budget, steps) =>
        {
            var wheel = new Wheel(start);
            uint now = start;
            foreach (Step step in steps)
            {
                switch (step.Act)
                {
                    case Act.Arm:
                        wheel.Arm(step.Node, now + step.Ticks);
                        break;
                    case Act.Cancel:
                        wheel.Cancel(step.Node);
                        break;
                    case Act.Advance:
                        now += step.Ticks;
                        wheel.TakeAllDue(now, budget);
                        break;
                }
            }

            wheel.TakeAllDue(now + 20_000, budget);
            Assert.Empty(wheel.Model);
            Assert.Equal(0, wheel.Real.Armed);
        }, iter: 1_000);

    [Fact]
    public void A_deadline_that_has_passed_fires_at_the_next_look()
    {
        var wheel = new Wheel(100);
        wheel.TakeAllDue(5_000, 10);
        wheel.Arm(1, 10);
        wheel.TakeAllDue(5_000, 10);
        Assert.Empty(wheel.Model);
    }

    [Fact]
    public void What_the_budget_left_over_fires_first_next_time()
    {
        var wheel = new Wheel(1);
        for (int node = 0; node < Nodes; node++)
        {
            wheel.Arm(node, 5);
        }

        var due = new int[Nodes - 1];
        Assert.Equal(due.Length, wheel.Real.TakeDue(50, due));
        Assert.Equal(5u, wheel.Real.Hand);
        Assert.Equal(1, wheel.Real.TakeDue(50, due));
        Assert.Equal(50u, wheel.Real.Hand);
    }

    private readonly record struct Step(Act Act, int Node, uint Ticks);

    /// <summary>The wheel beside a plain dictionary of deadlines.</summary>
    private sealed class Wheel
    {
        public Wheel(uint start) => Real = new(new LinkNodes(new WheelLink[Nodes]), start);

        public TimingWheel<LinkNodes> Real { get; }

        public Dictionary<int, uint> Model { get; } = [];

        public void Arm(int node, uint deadline)
        {
            Real.Arm(node, deadline);
            Model[node] = deadline;
        }

        public void Cancel(int node)
        {
            Real.Cancel(node);
            Model.Remove(node);
        }

        public void TakeAllDue(uint now, int budget)
        {
            var due = new int[budget];
            int taken;
            do
            {
                taken = Real.TakeDue(now, due);
                foreach (int node in due.AsSpan(0, taken))
                {
                    Assert.True(Model.Remove(node, out uint deadline), "fired without being armed");
                    Assert.True(deadline <= now, "fired early");
                }
            }
            while (taken == budget);

            Assert.DoesNotContain(Model.Values, deadline => deadline <= now);
            Assert.Equal(Model.Count, Real.Armed);
        }
    }
}

internal readonly struct LinkNodes(WheelLink[] links) : IWheelNodes
{
    public ref WheelLink Link(int node) => ref links[node];

    public void Prefetch(int node)
    {
    }
}
