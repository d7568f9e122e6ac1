using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Presence.Simulation;

/// <summary>The compiler of the SDK that runs us.</summary>
internal static class Compiler
{
    /// <param name="assembly">To be written; what lies beside it is referred to.</param>
    /// <param name="sources">Files.</param>
    /// <exception cref="InvalidOperationException">It does not compile.</exception>
    public static void Compile(string assembly, IEnumerable<string> sources)
    {
        string directory = Path.GetDirectoryName(assembly)!;
        var arguments = new List<string>
        {
            "-nologo", "-target:library", "-optimize+", "-unsafe+", "-nullable:enable", "-langversion:latest", "-warn:0", "-nostdlib+", $"-out:{assembly}",
        };
        arguments.AddRange(References(directory).Select(reference => $"-r:{reference}"));
        arguments.AddRange(Generators().Select(generator => $"-analyzer:{generator}"));
        arguments.AddRange(sources);
        string response = Path.Combine(directory, "csc.rsp");
        File.WriteAllLines(response, arguments.Select(argument => $"\"{argument}\""));
        Run(response);
    }

    public static string Repository()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Presence.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("Planted bugs need the sources: run from inside the repository.");
    }

    private static IEnumerable<string> References(string directory) =>
    [
        .. Directory.EnumerateFiles(FolderOf(typeof(object)), "*.dll"),
        .. Directory.EnumerateFiles(FolderOf(typeof(ILogger)), "Microsoft.Extensions.*.dll"),
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(path => Path.GetFileName(path) is "Presence.Protocol.dll" or "Google.Protobuf.dll" or "System.IO.Hashing.dll"),
        .. Directory.EnumerateFiles(directory, "*.dll"),
    ];

    // What writes the bodies of calls into libc, of log messages, and of what is JSON.
    private static IEnumerable<string> Generators() =>
    [
        .. Analyzers("Microsoft.NETCore.App.Ref", "Microsoft.Interop.*.dll"),
        .. Analyzers("Microsoft.NETCore.App.Ref", "System.Text.Json.SourceGeneration.dll"),
        .. Analyzers("Microsoft.AspNetCore.App.Ref", "Microsoft.Extensions.Logging.Generators.dll"),
    ];

    private static IEnumerable<string> Analyzers(string pack, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Newest("packs", pack), "analyzers", "dotnet", "cs"), pattern);

    private static void Run(string response)
    {
        string compiler = Path.Combine(Newest("sdk"), "Roslyn", "bincore", "csc.dll");
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(Sdk(), "dotnet"), ["exec", compiler, $"@{response}"]) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"It does not compile with this bug: {said}");
        }
    }

    private static string Newest(params string[] below) =>
        Directory.EnumerateDirectories(Path.Combine([Sdk(), .. below])).MaxBy(path => Version.TryParse(Path.GetFileName(path), out Version? version) ? version : new Version())!;

    private static string Sdk() => Path.GetFullPath(Path.Combine(FolderOf(typeof(object)), "..", "..", ".."));

    private static string FolderOf(Type type) => Path.GetDirectoryName(type.Assembly.Location)!;
}
