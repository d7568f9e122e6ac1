using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Presence.TestKit;

namespace Presence.Ctl.Tests;

/// <summary>What a run of presencectl said.</summary>
public sealed record CtlResult(int ExitCode, string Output, string Error)
{
    /// <summary>The one JSON object it printed.</summary>
    public JsonElement Json()
    {
        Assert.True(ExitCode == 0, Error);
        return JsonDocument.Parse(Output).RootElement;
    }
}

/// <summary>The real presencectl in a process of its own.</summary>
public sealed partial class CtlProcess : IAsyncDisposable
{
    private const int Interrupt = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _error;

    private CtlProcess(Process process) => (_process, _error) = (process, process.StandardError.ReadToEndAsync());

    public static CtlProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string configuration = AppContext.BaseDirectory.Contains("Debug", StringComparison.Ordinal) ? "Debug" : "Release";
        start.ArgumentList.Add(Path.Combine(ServerProcess.Repository, "src", "PresenceCtl", "bin", configuration, "net10.0", "presencectl.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new CtlProcess(Process.Start(start)!);
    }

    public static async Task<CtlResult> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using CtlProcess ctl = Start(arguments, environment);
        return await ctl.EndAsync();
    }

    /// <summary>The next line it prints that fits.</summary>
    public async Task<string> LineAsync(Func<string, bool> match)
    {
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is { } line)
        {
            if (match(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"It ended without that line: {await _error}");
    }

    /// <summary>Ctrl+C, and what became of it.</summary>
    public async Task<CtlResult> InterruptAsync()
    {
        if (Kill(_process.Id, Interrupt) != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"kill failed with {Marshal.GetLastPInvokeError()}."));
        }

        return await EndAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<CtlResult> EndAsync() => await EndAsync(await _process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<CtlResult> EndAsync(string output)
    {
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        return new(_process.ExitCode, output, await _error);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
