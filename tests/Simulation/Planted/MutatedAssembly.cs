using System.Diagnostics;

namespace Presence.Simulation;

/// <summary>Builds the engine with a planted bug: its sources but for the edits, by the compiler of the SDK, beside the assemblies it needs.</summary>
internal static class MutatedEngine
{
    // What the SDK gives every project here (ImplicitUsings).
    private const string GlobalUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; "
        + "global using System.Threading.Tasks;";

    private const string Engine = "Presence.Engine.dll";

    /// <summary>Compiles into a directory of its own.</summary>
    /// <param name="bug">To be planted.</param>
    /// <param name="directory">Empty; the caller removes it.</param>
    /// <returns>The path of the assembly.</returns>
    /// <exception cref="InvalidOperationException">The edits do not fit the sources, or what they make does not compile.</exception>
    public static string Build(PlantedBug bug, string directory)
    {
        string sources = Path.Combine(Repository(), "src", "PresenceEngine");
        string assembly = Path.Combine(directory, Engine);
        var arguments = new List<string>
        {
            "-nologo", "-target:library", "-optimize+", "-unsafe+", "-nullable:enable", "-langversion:latest", "-warn:0", "-nostdlib+", $"-out:{assembly}",
        };
        arguments.AddRange(References().Select(reference => $"-r:{reference}"));
        arguments.AddRange(Generators().Select(generator => $"-analyzer:{generator}"));
        arguments.AddRange(Sources(sources, bug, directory));
        string response = Path.Combine(directory, "csc.rsp");
        File.WriteAllLines(response, arguments.Select(argument => $"\"{argument}\""));
        Compile(response);
        return assembly;
    }

    /// <summary>Throws if what a bug edits does not stand in the sources.</summary>
    public static void CheckFits(PlantedBug bug)
    {
        foreach (IGrouping<string, (string File, string From, string To)> edits in bug.Edits.GroupBy(edit => edit.File))
        {
            _ = Edited(Path.Combine(Repository(), "src", "PresenceEngine", edits.Key), [.. edits]);
        }
    }

    private static IEnumerable<string> Sources(string root, PlantedBug bug, string directory)
    {
        string usings = Path.Combine(directory, "GlobalUsings.cs");
        File.WriteAllText(usings, GlobalUsings);
        yield return usings;
        foreach (string path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(root, path);
            if (name.StartsWith("obj", StringComparison.Ordinal) || name.StartsWith("bin", StringComparison.Ordinal))
            {
                continue;
            }

            (string File, string From, string To)[] edits = [.. bug.Edits.Where(edit => edit.File == name)];
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

    private static IEnumerable<string> References() =>
    [
        .. Directory.EnumerateFiles(Framework(), "*.dll"),
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(path => Path.GetFileName(path) is "Presence.Protocol.dll" or "Google.Protobuf.dll" or "System.IO.Hashing.dll"),
    ];

    // What writes the bodies of calls into libc.
    private static IEnumerable<string> Generators() =>
        Directory.EnumerateFiles(Path.Combine(Newest("packs", "Microsoft.NETCore.App.Ref"), "analyzers", "dotnet", "cs"), "Microsoft.Interop.*.dll");

    private static void Compile(string response)
    {
        string compiler = Path.Combine(Newest("sdk"), "Roslyn", "bincore", "csc.dll");
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(Sdk(), "dotnet"), ["exec", compiler, $"@{response}"]) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The engine does not compile with this bug: {said}");
        }
    }

    private static string Newest(params string[] below) =>
        Directory.EnumerateDirectories(Path.Combine([Sdk(), .. below])).MaxBy(path => Version.TryParse(Path.GetFileName(path), out Version? version) ? version : new Version())!;

    private static string Sdk() => Path.GetFullPath(Path.Combine(Framework(), "..", "..", ".."));

    private static string Framework() => Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    private static string Repository()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Presence.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("Planted bugs need the sources: run from inside the repository.");
    }
}
