using System.Diagnostics;
using System.Text.Json;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Ramps;

/// <summary>Runs server and generator as two processes, as they are run anywhere.</summary>
internal static class RampRun
{
    /// <param name="page">Where the generator writes its report for a browser.</param>
    /// <exception cref="InvalidOperationException">The generator did not get as far as a report.</exception>
    public static RampOutcome Measure(RampSetup setup, string page)
    {
        using Subject server = Subject.StartServer(setup.Settings);
        string program = Path.Combine(Repository.Root, "src", "LoadClient", "bin", "Release", "net10.0", "LoadClient.dll");
        // Its progress goes to our standard error as it comes.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] fixedArguments =
        [
            program, "ramp", "--server", $"{server.EndPoint}", "--admin", $"{server.Admin}", "--data-directory", server.DataDirectory!,
            "--json", "--html", page,
        ];
        foreach (string argument in fixedArguments.Concat(setup.Options.SelectMany(static option => new[] { option.Key, option.Value })))
        {
            start.ArgumentList.Add(argument);
        }

        using Process generator = Process.Start(start)!;
        string output = generator.StandardOutput.ReadToEnd();
        generator.WaitForExit();
        return output.Length > 0
            ? new RampOutcome(JsonDocument.Parse(output).RootElement, generator.ExitCode == 0)
            : throw new InvalidOperationException($"LoadClient ramp ended with {generator.ExitCode} and no report; it says why above.");
    }
}
