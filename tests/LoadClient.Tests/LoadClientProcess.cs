using System.Diagnostics;

namespace Presence.LoadClient.Tests;

/// <summary>The real LoadClient as a process.</summary>
internal sealed class LoadClientProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;
    private readonly object _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LoadClientProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = ReadErrorsAsync();
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var run = Start(arguments);
        return await run.EndAsync();
    }

    public static LoadClientProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "LoadClient.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.StandardInput.AutoFlush = true;
        return new LoadClientProcess(process);
    }

    /// <summary>Waits until it says these words on standard error.</summary>
    public async Task SaysAsync(string words)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_lines.Exists(line => line.Contains(words, StringComparison.Ordinal)))
                {
                    return;
                }

                more = _more.Task;
            }

            if (await Task.WhenAny(more, _errors).WaitAsync(patience.Token) == _errors && !more.IsCompleted)
            {
                throw new InvalidOperationException($"LoadClient ended and did not say '{words}':{Environment.NewLine}{await _errors}{await _output}");
            }
        }
    }

    /// <summary>A line on its standard input.</summary>
    public Task PressEnterAsync() => _process.StandardInput.WriteLineAsync();

    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, await _output, await _errors);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private async Task<string> ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            TaskCompletionSource before;
            lock (_gate)
            {
                _lines.Add(line);
                (before, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            before.SetResult();
        }

        lock (_gate)
        {
            return string.Join(Environment.NewLine, _lines);
        }
    }
}
