using System.Security.Cryptography;

namespace Presence.Fuzz;

/// <summary>The directory of long runs: inputs that reached something new, findings, and the instrumented copy of the program.</summary>
internal sealed class Workspace(string root)
{
    public string Root { get; } = Path.GetFullPath(root);

    public string Instrumented => Path.Combine(Root, "instrumented");

    public string CorpusOf(Target target) => Path.Combine(Root, "corpus", target.Name);

    public string BoxOf(Target target) => Path.Combine(Root, $"{target.Name}.running");

    /// <summary>The committed inputs of a target.</summary>
    public static IEnumerable<byte[]> Committed(Target target) => ReadAll(Path.Combine(AppContext.BaseDirectory, "corpus", target.Name));

    /// <summary>All inputs there are to begin with, each once.</summary>
    public IEnumerable<byte[]> Known(Target target) =>
        target.Seeds().Concat(Committed(target)).Concat(ReadAll(CorpusOf(target))).DistinctBy(NameOf);

    public void Keep(Target target, byte[] input) => Write(CorpusOf(target), NameOf(input), input);

    /// <returns>The path of the input.</returns>
    public string KeepFinding(Target target, byte[] input, string what)
    {
        string directory = Path.Combine(Root, "findings", target.Name);
        File.WriteAllText(Write(directory, NameOf(input), input) + ".txt", what);
        return Path.Combine(directory, NameOf(input));
    }

    /// <summary>Writes an input under the hash of its bytes.</summary>
    public static string Write(string directory, string name, byte[] input)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, name);
        File.WriteAllBytes(path, input);
        return path;
    }

    public static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..16];

    private static IEnumerable<byte[]> ReadAll(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
}
