using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Presence.TestKit;

/// <summary>The real server in a process of its own, on free ports of the loopback and a data directory that is deleted with it.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string[] _settings;
    private readonly bool _ownsDirectory;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, IPEndPoint> _addresses = [];

    private ServerProcess(Process process, string[] settings, string directory, bool ownsDirectory)
    {
        (_process, _settings, DataDirectory, _ownsDirectory) = (process, settings, directory, ownsDirectory);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
    }

    public string DataDirectory { get; }

    public int Id => _process.Id;

    public IPEndPoint Tcp => _addresses["TCP"];

    public IPEndPoint Tls => _addresses["TLS"];

    /// <summary>The listener for WebSocket alone; on <see cref="Http"/> there is one too.</summary>
    public IPEndPoint WebSocket => _addresses["WebSocket"];

    public IPEndPoint Http => _addresses["HTTP"];

    public IPEndPoint Admin => _addresses["admin"];

    /// <summary>Descriptors the process has open.</summary>
    public int Descriptors => Directory.GetFiles($"/proc/{Id}/fd").Length;

    /// <summary>Memory of the process that is resident.</summary>
    public long ResidentKilobytes => Kilobytes("VmRSS:");

    /// <summary>The most that ever was.</summary>
    public long MostResidentKilobytes => Kilobytes("VmHWM:");

    /// <summary>All that the process has printed.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Starts a server and waits until it accepts.</summary>
    /// <param name="settings">Such as <c>Presence:Session:Hold=00:00:01</c>.</param>
    /// <param name="dataDirectory">An existing one, which is kept; null for a fresh one.</param>
    /// <param name="descriptors">The limit of open files; 0 for that of the test.</param>
    /// <param name="variables">Of its environment, beside the test's own.</param>
    public static async Task<ServerProcess> StartAsync(
        IEnumerable<string>? settings = null, string? dataDirectory = null, int descriptors = 0, IReadOnlyDictionary<string, string>? variables = null)
    {
        string directory = dataDirectory ?? Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        return await ReadyAsync(
            Launch([.. Defaults(directory), .. settings ?? []], directory, dataDirectory is null, descriptors: descriptors, variables: variables));
    }

    /// <summary>The same server once more, when this process has ended: its settings, and its data, which are still this one's to delete.</summary>
    public Task<ServerProcess> AgainAsync() => ReadyAsync(Launch(_settings, DataDirectory, ownsDirectory: false));

    private static async Task<ServerProcess> ReadyAsync(ServerProcess server)
    {
        Task exited = server._process.WaitForExitAsync();
        if (await Task.WhenAny(server._ready.Task, exited, Task.Delay(s_patience)) != server._ready.Task)
        {
            string output = server.Output;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not become ready:{Environment.NewLine}{output}");
        }

        return server;
    }

    /// <summary>Starts a server that says nothing here, because its output goes elsewhere, and waits until it accepts.</summary>
    /// <param name="redirection">As sh has it: <c>&gt;file</c>.</param>
    public static async Task<ServerProcess> StartSilentAsync(string redirection, IEnumerable<string> settings)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        IPEndPoint tcp = LoopbackPorts.Free(), admin = LoopbackPorts.Free();
        string[] addresses = [$"Presence:Listen:Tcp={tcp}", $"Presence:Listen:Admin={admin}"];
        ServerProcess server = Launch([.. Defaults(directory), .. settings, .. addresses], directory, ownsDirectory: true, shell: $"exec dotnet \"$@\" {redirection}");
        (server._addresses["TCP"], server._addresses["admin"]) = (tcp, admin);
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(s_patience);
        while (!await server.AnswersAsync(http, patience.Token))
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        return server;
    }

    /// <summary>Starts a server and waits only until it has taken its data directory, the first thing it does; not even for that where there is one.</summary>
    /// <param name="settings">As for <see cref="StartAsync"/>.</param>
    /// <param name="dataDirectory">As for <see cref="StartAsync"/>.</param>
    /// <param name="until">What it prints before; null: nothing, it is that it has taken its directory.</param>
    public static async Task<ServerProcess> BeginAsync(IEnumerable<string>? settings = null, string? dataDirectory = null, string? until = null)
    {
        string directory = dataDirectory ?? Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        ServerProcess server = Launch([.. Defaults(directory), .. settings ?? []], directory, dataDirectory is null);
        using var patience = new CancellationTokenSource(s_patience);
        while (until is null ? !File.Exists(Path.Combine(directory, "lock")) : !server.Output.Contains(until, StringComparison.Ordinal))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return server;
    }

    /// <summary>Runs the server with arguments that make it end by itself.</summary>
    /// <param name="descriptors">As for <see cref="StartAsync"/>.</param>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(
        IEnumerable<string> arguments, string environment = "Development", int descriptors = 0)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        ServerProcess server = Launch(arguments, directory, ownsDirectory: true, environment, descriptors);
        using var patience = new CancellationTokenSource(s_patience);
        await server._process.WaitForExitAsync(patience.Token);
        (int code, string output) = (server._process.ExitCode, server.Output);
        await server.DisposeAsync();
        return (code, output);
    }

    /// <summary>Settings every test server has: free ports and a directory of its own.</summary>
    public static IEnumerable<string> Defaults(string directory) =>
    [
        $"Presence:DataDirectory={directory}",
        "Presence:Listen:Tcp=127.0.0.1:0",
        "Presence:Listen:WebSocket=127.0.0.1:0",
        "Presence:Listen:Http=127.0.0.1:0",
        "Presence:Listen:Admin=127.0.0.1:0",
        // Who is sent away by a stop comes back at its slot: soon.
        "Presence:Admission:DrainTime=00:00:02",
        // Tests say much in a short time, and many come at once.
        "Presence:Admission:Handshakes=10000000",
        "Presence:Admission:TlsHandshakes=10000000",
        "Presence:Admission:Signatures=10000000",
        "Presence:Limits:UserHandshakes=0",
        "Presence:Limits:FrameRate=0",
        "Presence:Limits:ByteRate=0",
        "Presence:Limits:QueryRate=0",
        "Presence:Limits:WatchRate=0",
        // A machine that is busy with other tests is no overload.
        "Presence:Overload:LoopLag=00:01:00",
        "Presence:Overload:Cpu=1000",
    ];

    /// <summary>SIGTERM, and the exit code.</summary>
    public Task<int> StopAsync()
    {
        Signal(PosixSignals.Term);
        return ExitAsync();
    }

    /// <summary>The exit code, once it has ended.</summary>
    public async Task<int> ExitAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGHUP: what a terminal sends that closes.</summary>
    public void HangUp() => Signal(PosixSignals.HangUp);

    public async Task KillAsync()
    {
        Signal(PosixSignals.Kill);
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until a check of /readyz has this status. No other check but that of a late shard may have failed meanwhile.</summary>
    /// <returns>What the check says.</returns>
    public async Task<string> HasAsync(string check, string status)
    {
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            using HttpResponseMessage answer = await http.GetAsync($"http://{Admin}/readyz", patience.Token);
            using JsonDocument report = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(patience.Token));
            foreach (JsonElement found in report.RootElement.GetProperty("checks").EnumerateArray())
            {
                string name = found.GetProperty("name").GetString()!, now = found.GetProperty("status").GetString()!;
                if (name == check && now == status)
                {
                    return found.GetProperty("detail").GetString()!;
                }

                if (now == "failed" && name != "shards" && name != check)
                {
                    throw new InvalidOperationException($"The check {name} has failed: {found}");
                }
            }
        }
    }

    private async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancel)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync($"http://{Admin}/readyz", cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (!_process.HasExited)
        {
            return false;
        }
    }

    private long Kilobytes(string field)
    {
        string line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Sets the limit of open files of the process that runs; one over its hard limit is refused.</summary>
    /// <returns>The limit before.</returns>
    public unsafe long LimitDescriptors(long limit)
    {
        ResourceLimit before;
        Check(ResourceLimits(_process.Id, ResourceLimit.OpenFiles, null, &before), "prlimit");
        ResourceLimit wanted = before with { Soft = (ulong)limit };
        Check(ResourceLimits(_process.Id, ResourceLimit.OpenFiles, &wanted, null), "prlimit");
        return (long)before.Soft;
    }

    /// <summary>SIGSTOP: the process stands still until <see cref="Continue"/>.</summary>
    public void Pause() => Signal(PosixSignals.Stop);

    public void Continue() => Signal(PosixSignals.Cont);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal(PosixSignals.Kill);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (_ownsDirectory && Directory.Exists(DataDirectory))
        {
            Directory.Delete(DataDirectory, recursive: true);
        }
    }

    private static ServerProcess Launch(
        IEnumerable<string> arguments,
        string directory,
        bool ownsDirectory,
        string environment = "Development",
        int descriptors = 0,
        string? shell = null,
        IReadOnlyDictionary<string, string>? variables = null)
    {
        string[] settings = [.. arguments];
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        shell ??= descriptors > 0 ? string.Create(CultureInfo.InvariantCulture, $"ulimit -n {descriptors}; exec dotnet \"$@\"") : null;
        if (shell is not null)
        {
            start.FileName = "sh";
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(shell);
            start.ArgumentList.Add("sh");
        }

        start.ArgumentList.Add(Path.Combine(Repository, "src", "PresenceServer", "bin", Configuration(), "net10.0", "PresenceServer.dll"));
        foreach (string setting in settings)
        {
            start.ArgumentList.Add(setting.StartsWith("--", StringComparison.Ordinal) ? setting : "--" + setting);
        }

        start.Environment["DOTNET_ENVIRONMENT"] = environment;
        foreach ((string name, string value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        // To compile anew what is called often pays for who lives long: of a test's processor time it would take a seventh.
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        // Otherwise the youngest generation is as large as the processor's last cache, and what a test reads of resident memory is garbage. Bytes, in hex.
        start.Environment["DOTNET_GCgen0size"] = "0x400000";
        var server = new ServerProcess(new Process { StartInfo = start }, settings, directory, ownsDirectory);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    private static string Configuration() => AppContext.BaseDirectory.Contains("Debug", StringComparison.Ordinal) ? "Debug" : "Release";

    private static string FindRepository()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Presence.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException("The tests run inside the repository.");
    }

    // The greeting: "  TCP        presence://127.0.0.1:7001", one listener a line, the admin's last; in Development then a line that begins with Stop.
    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 2 && words[1].Contains("://", StringComparison.Ordinal) && line.StartsWith("  ", StringComparison.Ordinal))
        {
            var address = new Uri(words[1]);
            _addresses[words[0]] = new IPEndPoint(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port);
        }

        if (line.StartsWith("Stop with", StringComparison.Ordinal) || (words is ["admin", _] && !Output.Contains("is ready (Development", StringComparison.Ordinal)))
        {
            _ready.TrySetResult();
        }
    }

    private void Signal(int signal) => PosixSignals.Send(_process.Id, signal);

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static unsafe partial int ResourceLimits(int process, int resource, ResourceLimit* wanted, ResourceLimit* before);

    private readonly record struct ResourceLimit(ulong Soft, ulong Hard)
    {
        public const int OpenFiles = 7;
    }
}
