namespace Presence.Fuzz.Tests;

public sealed class DrivingTests
{
    private static Target Of(Judgement judge) => new("test", judge, static () => [], []);

    [Fact]
    public void An_exception_is_a_fault_and_two_of_one_place_are_one()
    {
        Target target = Of(static input => throw new InvalidOperationException($"{input.Length}"));
        Fault? one = Execution.Run(target, [1], isTimed: false, out bool accepted);
        Fault? other = Execution.Run(target, [1, 2], isTimed: false, out _);
        Assert.False(accepted);
        Assert.Contains("InvalidOperationException", one?.What, StringComparison.Ordinal);
        Assert.Equal(one?.Key, other?.Key);
    }

    [Fact]
    public void An_input_that_costs_more_memory_than_is_allowed_is_a_fault()
    {
        byte[]? last = null;
        Target target = Of(input =>
        {
            last = new byte[input[0] * 1_000];
            return true;
        });
        Assert.Null(Execution.Run(target, [100], isTimed: false, out bool accepted));
        Assert.True(accepted);
        Assert.Null(Execution.Run(target, [250, .. new byte[10_000]], isTimed: false, out _));
        Target greedy = Of(input => target.Judge(input) && target.Judge(input) && target.Judge(input) && target.Judge(input) && target.Judge(input));
        Assert.Equal("memory", Execution.Run(greedy, [250], isTimed: false, out _)?.Key);
        Assert.NotNull(last);
    }

    [Fact]
    public void A_finding_is_shrunk_to_what_shows_it()
    {
        byte[] input = [.. Enumerable.Range(0, 200).Select(static i => (byte)i)];
        Assert.Equal([7, 150], Shrinking.Shrink(input, static shorter => shorter.Contains((byte)7) && shorter.Contains((byte)150)));
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs_within_the_limit()
    {
        byte[][] Inputs(int seed)
        {
            var mutator = new Mutator(new Random(seed), [[1, 2, 3]], maxBytes: 64);
            return [.. Enumerable.Range(0, 2_000).Select(_ => mutator.Mutate(new byte[32], [9, 9, 9, 9]))];
        }

        byte[][] inputs = Inputs(1);
        Assert.Equal(inputs, Inputs(1));
        Assert.NotEqual(inputs, Inputs(2));
        Assert.All(inputs, static input => Assert.InRange(input.Length, 0, 64));
        Assert.Contains(inputs, static input => input.AsSpan().IndexOf("\u0001\u0002\u0003"u8) >= 0);
        Assert.Contains(inputs, static input => input.Length < 16);
    }

    [Fact]
    public void Edges_are_new_once()
    {
        Coverage.Attach();
        var coverage = new Coverage();
        Coverage.Clear();
        Assert.False(coverage.Merge());
        Hit(5, 1);
        Assert.True(coverage.Merge());
        Assert.False(coverage.Merge());
        Hit(5, 200);
        Assert.False(coverage.Merge(countsMatter: false));
        Assert.True(coverage.Merge());
        Assert.Equal(1, coverage.Edges);
    }

    private static unsafe void Hit(int edge, byte count) => SharpFuzz.Common.Trace.SharedMem[edge] = count;
}
