using System.Diagnostics;

namespace Presence.Fuzz;

/// <summary>Runs campaigns in processes of their own: one that dies or hangs is a finding, and its last input is in the black box.</summary>
internal sealed class Supervisor(Workspace workspace, string program)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    /// <returns>True when nothing was found.</returns>
    public bool Run(Target target, params string[] arguments)
    {
        File.Delete(workspace.BoxOf(target));
        using var box = new BlackBox(workspace.BoxOf(target));
        using Process process = Process.Start("dotnet", [program, .. arguments]);
        bool hangs = !WaitWhileItGoesOn(process, box);
        if (hangs)
        {
            process.Kill();
            process.WaitForExit();
        }

        if (hangs || process.ExitCode is not (ExitCodes.Nothing or ExitCodes.Finding))
        {
            string what = hangs ? $"no end within {_patience.TotalSeconds} s" : $"the process ended with {process.ExitCode}";
            Console.WriteLine($"{target.Name}: FINDING in {workspace.KeepFinding(target, box.Input, what)}\n{what}");
            return false;
        }

        return process.ExitCode == ExitCodes.Nothing;
    }

    private static bool WaitWhileItGoesOn(Process process, BlackBox box)
    {
        long seen = box.Executions;
        long since = Stopwatch.GetTimestamp();
        while (!process.WaitForExit(_look))
        {
            if (box.Executions != seen)
            {
                (seen, since) = (box.Executions, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(since) > _patience)
            {
                return false;
            }
        }

        return true;
    }
}
