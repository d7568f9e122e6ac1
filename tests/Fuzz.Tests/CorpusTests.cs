using Presence.Fuzz.Targets;

namespace Presence.Fuzz.Tests;

/// <summary>The committed corpus against its oracles. Long runs are a command of their own: docs/fuzzing.md.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Names => [.. AllTargets.List.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_input_keeps_what_must_be_true_within_its_bounds_of_memory(string name)
    {
        Target target = AllTargets.Named(name)!;
        int accepted = 0, refused = 0;
        foreach (byte[] input in Workspace.Committed(target).Concat(target.Seeds()))
        {
            Fault? fault = Execution.Run(target, input, isTimed: false, out bool wasAccepted);
            Assert.True(fault is null, $"{Workspace.NameOf(input)}: {fault?.What}");
            accepted += wasAccepted ? 1 : 0;
            refused += wasAccepted ? 0 : 1;
        }

        // An oracle that is never reached proves nothing.
        Assert.True(accepted > 0 && refused > 0, $"{accepted} accepted, {refused} refused");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_target_has_a_corpus(string name) => Assert.NotEmpty(Workspace.Committed(AllTargets.Named(name)!));
}
