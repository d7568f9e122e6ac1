using SharpFuzz;

namespace Presence.Fuzz;

/// <summary>A copy of this program whose assemblies say which way they go. The ones that are built stay as they are: tests run those.</summary>
internal static class Instrumentation
{
    private static readonly string[] _assemblies =
    [
        "Presence.Protocol.dll", "PresenceServer.dll", "Google.Protobuf.dll", "Microsoft.IdentityModel.JsonWebTokens.dll", "Microsoft.IdentityModel.Tokens.dll",
    ];

    /// <summary>Makes the copy, anew each time.</summary>
    /// <returns>The program in it.</returns>
    public static string Make(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Copy(AppContext.BaseDirectory, directory);
        foreach (string assembly in _assemblies)
        {
            Fuzzer.Instrument(Path.Combine(directory, assembly), static _ => true, Options.Value);
        }

        return Path.Combine(directory, "Fuzz.dll");
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string directory in Directory.EnumerateDirectories(from))
        {
            Copy(directory, Path.Combine(to, Path.GetFileName(directory)));
        }
    }
}
