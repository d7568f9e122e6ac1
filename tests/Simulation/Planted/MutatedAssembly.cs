namespace Presence.Simulation;

/// <summary>An assembly that is built with planted bugs: its sources but for the edits, by the compiler of the SDK, beside the assemblies it needs.</summary>
/// <param name="project">Its folder below <c>src</c>.</param>
/// <param name="name">Of its assembly.</param>
/// <param name="folders">Those of it that are compiled; empty: all.</param>
/// <param name="head">What else is.</param>
internal sealed class MutatedAssembly(string project, string name, IReadOnlyList<string> folders, string head)
{
    // What the SDK gives every project here (ImplicitUsings).
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; "
        + "global using System.Threading.Tasks; ";

    private const string Seen = "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Simulation\")]";

    public static MutatedAssembly Engine { get; } = new("PresenceEngine", "Presence.Engine", [], Seen);

    /// <summary>Of the server what the simulator runs: the journal, and what that stands on.</summary>
    public static MutatedAssembly Storage { get; } = new(
        "PresenceServer",
        "PresenceServer",
        ["Storage", "Diagnostics/LogEvents.cs", "Transport/Admission/SlotSchedule.cs"],
        "global using Microsoft.Extensions.Logging; " + Seen);

    /// <summary>Throws if what a bug edits does not stand in the sources.</summary>
    public static void CheckFits(PlantedBug bug)
    {
        foreach (IGrouping<string, (string File, string From, string To)> edits in bug.Edits.GroupBy(edit => edit.File))
        {
            _ = Edited(Path.Combine(Compiler.Repository(), "src", edits.Key), [.. edits]);
        }
    }

    /// <summary>The bug is one of this assembly.</summary>
    public bool IsOf(PlantedBug bug) => bug.Edits.Any(edit => edit.File.StartsWith(project + "/", StringComparison.Ordinal));

    /// <summary>Compiles into a directory, which may hold others that it needs; the caller removes it.</summary>
    /// <exception cref="InvalidOperationException">The edits do not fit the sources, or what they make does not compile.</exception>
    public void Build(PlantedBug bug, string directory)
    {
        string sources = Directory.CreateDirectory(Path.Combine(directory, project)).FullName;
        Compiler.Compile(Path.Combine(directory, name + ".dll"), Sources(bug, sources));
    }

    private IEnumerable<string> Sources(PlantedBug bug, string directory)
    {
        string usings = Path.Combine(directory, "GlobalUsings.cs");
        File.WriteAllText(usings, Usings + head);
        yield return usings;
        string src = Path.Combine(Compiler.Repository(), "src");
        foreach (string path in Originals(Path.Combine(src, project)))
        {
            string file = Path.GetRelativePath(src, path);
            (string File, string From, string To)[] edits = [.. bug.Edits.Where(edit => edit.File == file)];
            if (edits.Length == 0)
            {
                yield return path;
                continue;
            }

            string edited = Path.Combine(directory, Path.GetFileName(path));
            File.WriteAllText(edited, Edited(path, edits));
            yield return edited;
        }
    }

    private IEnumerable<string> Originals(string root) =>
        from path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/')
        let folder = relative.Split('/')[0]
        where folders.Count == 0 ? folder is not ("obj" or "bin") : folders.Contains(folder) || folders.Contains(relative)
        select path;

    private static string Edited(string path, (string File, string From, string To)[] edits)
    {
        string text = File.ReadAllText(path);
        foreach ((string file, string from, string to) in edits)
        {
            if (text.Split(from).Length != 2)
            {
                throw new InvalidOperationException($"'{from}' does not stand exactly once in {file}.");
            }

            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}
