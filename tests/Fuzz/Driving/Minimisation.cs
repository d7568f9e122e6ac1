namespace Presence.Fuzz;

/// <summary>Chooses of all inputs there are a few small ones that go along the same edges: the corpus that is committed.</summary>
internal static class Minimisation
{
    /// <summary>Longer inputs say nothing to the reader of a repository that shorter ones do not.</summary>
    private const int MaxBytes = 2_048;

    /// <param name="target">Whose inputs.</param>
    /// <param name="workspace">Where they are.</param>
    /// <param name="box">Gets each input before it runs.</param>
    /// <param name="directory">Gets the corpus, in place of what is in it.</param>
    /// <returns>How many inputs.</returns>
    public static int Run(Target target, Workspace workspace, string directory, BlackBox box)
    {
        var coverage = new Coverage();
        byte[][] inputs = [.. workspace.Known(target).Where(static input => input.Length <= MaxBytes).OrderBy(static input => input.Length)];
        // Once for what happens the first time only.
        Array.ForEach(inputs, input => ReachesMore(target, new Coverage(), input, box));
        byte[][] kept = [.. inputs.Where(input => ReachesMore(target, coverage, input, box))];
        // Many short ones go nowhere that a longer one does not.
        coverage = new Coverage();
        kept = [.. kept.Reverse().Where(input => ReachesMore(target, coverage, input, box))];
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Array.ForEach(kept, input => Workspace.Write(directory, Workspace.NameOf(input), input));
        return kept.Length;
    }

    private static bool ReachesMore(Target target, Coverage coverage, byte[] input, BlackBox box)
    {
        box.Note(input);
        Coverage.Clear();
        return Execution.Run(target, input, isTimed: false, out _) is null && coverage.Merge(countsMatter: false);
    }
}
