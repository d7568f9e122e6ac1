using System.Diagnostics;
using System.Text.Json;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Loads;

/// <summary>Runs LoadClient beside a server, as two processes, as they are run anywhere.</summary>
internal static class LoadRun
{
    /// <param name="scenario">Of LoadClient.</param>
    /// <param name="options">Of the scenario, by name.</param>
    /// <param name="page">Where the generator writes its report for a browser.</param>
    /// <returns>Its report, and whether it ended with 0.</returns>
    /// <exception cref="InvalidOperationException">The generator did not get as far as a report.</exception>
    public static (JsonElement Report, bool IsRight) Measure(Subject server, string scenario, IEnumerable<KeyValuePair<string, string>> options, string page)
    {
        string program = Path.Combine(Repository.Root, "src", "LoadClient", "bin", "Release", "net10.0", "LoadClient.dll");
        // Its progress goes to our standard error as it comes.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] fixedArguments =
        [
            program, scenario, "--server", $"{server.EndPoint}", "--admin", $"{server.Admin}", "--data-directory", server.DataDirectory!, "--json", "--html", page,
        ];
        foreach (string argument in fixedArguments.Concat(options.SelectMany(static option => new[] { option.Key, option.Value })))
        {
            start.ArgumentList.Add(argument);
        }

        using Process generator = Process.Start(start)!;
        string output = generator.StandardOutput.ReadToEnd();
        generator.WaitForExit();
        return output.Length > 0
            ? (JsonDocument.Parse(output).RootElement, generator.ExitCode == 0)
            : throw new InvalidOperationException($"LoadClient {scenario} ended with {generator.ExitCode} and no report; it says why above.");
    }
}
