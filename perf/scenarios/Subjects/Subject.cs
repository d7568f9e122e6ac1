using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Presence.LoadClient.Connections;
using Presence.Server.Security;
using Presence.TestKit;

namespace Presence.Scenarios.Subjects;

/// <summary>A process that is measured: our server, or what it stands beside. Killed when done with.</summary>
internal sealed class Subject : IDisposable
{
    // A port that was free when it was drawn may be taken when it is bound.
    private const int Tries = 5;

    // What a server could do is measured with these, not what it lets in: the rates are reckoned with, and out of reach.
    private static readonly string[] _outOfReach =
    [
        "Presence:Admission:Handshakes=10000000",
        "Presence:Admission:TlsHandshakes=10000000",
        "Presence:Limits:UserHandshakes=2000000000/1s",
        "Presence:Limits:FrameRate=2000000000/1s",
        "Presence:Limits:ByteRate=2000000000/1s",
        "Presence:Limits:QueryRate=2000000000/1s",
        "Presence:Limits:WatchRate=2000000000/1s",
        "Presence:Overload:LoopLag=00:01:00",
        "Presence:Overload:Cpu=1000",
    ];

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _lookAgain = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly string? _dataDirectory;
    private readonly StringBuilder _printed = new();

    private Subject(ProcessStartInfo start, IPEndPoint endPoint, string? dataDirectory)
    {
        (EndPoint, _dataDirectory) = (endPoint, dataDirectory);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Meter = new ProcessMeter(_process.Id);
        try
        {
            WaitUntilItAccepts();
        }
        catch
        {
            Dispose();
            throw;
        }

        Tokens = dataDirectory is null ? new UserTokens(new byte[SigningSecret.MinBytes], TimeProvider.System)
            : UserTokens.Load(null, dataDirectory, TimeProvider.System);
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>When the process was begun, in ticks of <see cref="Stopwatch"/>.</summary>
    public long StartedAt { get; }

    /// <summary>Its admin listener; null: it has none.</summary>
    public IPEndPoint? Admin { get; private init; }

    /// <summary>Null: it keeps no data.</summary>
    public string? DataDirectory => _dataDirectory;

    public ProcessMeter Meter { get; }

    /// <summary>Tokens it accepts; the limits accept any.</summary>
    public UserTokens Tokens { get; }

    /// <summary>The server, with everything off that would send or delay while it is measured.</summary>
    /// <param name="door">The listener that <see cref="EndPoint"/> names.</param>
    /// <param name="settings">More of them, as <c>KEY=VALUE</c>; they win.</param>
    public static Subject StartServer(Door door = Door.Tcp, params string[] settings) => Launch(
        door, ["Presence:Session:HeartbeatInterval=01:00:00", "Presence:Limits:StatusChanges=0", .. settings]);

    /// <summary>The server as it comes, with these settings.</summary>
    /// <param name="settings">As <c>KEY=VALUE</c>; those of the environment hold too.</param>
    public static Subject StartServer(IEnumerable<string> settings) => Launch(Door.Tcp, settings);

    /// <summary>The server with the limits and budgets that it comes with.</summary>
    /// <inheritdoc cref="StartServer(IEnumerable{string})"/>
    public static Subject StartLimitedServer(IEnumerable<string> settings) => Retry(() => LaunchOnce(Door.Tcp, settings, NewDirectory(), outOfReach: []));

    /// <summary>The server on data that is there already; they are deleted with it.</summary>
    public static Subject StartServerOn(string dataDirectory, Door door, IEnumerable<string> settings) => LaunchOnce(door, settings, dataDirectory);

    /// <summary>A C program of perf/limit.</summary>
    public static Subject StartLimit(string name)
    {
        string program = Path.Combine(Repository.Root, "perf", "limit", "build", name);
        return Retry(() =>
        {
            IPEndPoint endPoint = LoopbackPorts.Free();
            return new Subject(new ProcessStartInfo(program, [endPoint.ToString()]), endPoint, null);
        });
    }

    /// <summary>This program, holding bare .NET sockets.</summary>
    public static Subject StartBareSockets()
    {
        string program = typeof(Subject).Assembly.Location;
        return Retry(() =>
        {
            IPEndPoint endPoint = LoopbackPorts.Free();
            return new Subject(new ProcessStartInfo("dotnet", [program, BareSockets.Command, endPoint.ToString()]), endPoint, null);
        });
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        if (Directory.Exists(_dataDirectory))
        {
            Directory.Delete(_dataDirectory, recursive: true);
        }
    }

    private static Subject Launch(Door door, IEnumerable<string> settings) => Retry(() => LaunchOnce(door, settings, NewDirectory()));

    private static Subject Retry(Func<Subject> start)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return start();
            }
            catch (SubjectEndedException e) when (tries < Tries)
            {
                Console.Error.WriteLine($"{e.Message} Trying again on another port.");
            }
        }
    }

    private static Subject LaunchOnce(Door door, IEnumerable<string> settings, string directory) => LaunchOnce(door, settings, directory, _outOfReach);

    private static Subject LaunchOnce(Door door, IEnumerable<string> settings, string directory, string[] outOfReach)
    {
        IPEndPoint endPoint = LoopbackPorts.Free(), admin = LoopbackPorts.Free();
        string program = Path.Combine(Repository.Root, "src", "PresenceServer", "bin", "Release", "net10.0", "PresenceServer.dll");
        string[] all =
        [
            $"Presence:DataDirectory={directory}",
            "Presence:Listen:Tcp=127.0.0.1:0",
            "Presence:Listen:Http=127.0.0.1:0",
            $"Presence:Listen:Admin={admin}",
            "Logging:LogLevel:Default=Warning",
            .. outOfReach,
            // The last of two settings with one name wins.
            $"Presence:Listen:{door}={endPoint}",
            .. settings,
        ];
        var start = new ProcessStartInfo("dotnet", [program, .. all.Select(static setting => $"--{setting}")])
        {
            WorkingDirectory = Path.GetTempPath(),
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development" },
        };
        return new Subject(start, endPoint, directory) { Admin = admin };
    }

    private static string NewDirectory() => Path.Combine(Path.GetTempPath(), $"presence-perf-{Guid.NewGuid():N}");

    private void WaitUntilItAccepts()
    {
        long start = Stopwatch.GetTimestamp();
        while (!Accepts())
        {
            if (_process.HasExited)
            {
                // Also waits for the rest of what it printed.
                _process.WaitForExit();
                throw new SubjectEndedException(
                    $"{_process.StartInfo.FileName} was to listen on {EndPoint} and ended with {_process.ExitCode}, having printed: {Printed()}");
            }

            if (Stopwatch.GetElapsedTime(start) > _patience)
            {
                throw new TimeoutException(
                    $"{_process.StartInfo.FileName} does not listen on {EndPoint} after {_patience.TotalSeconds} s; it has printed: {Printed()}");
            }

            Pause.For(_lookAgain);
        }
    }

    private bool Accepts()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(EndPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_printed)
        {
            // Enough to say why it does not start.
            if (_printed.Length < 4_096)
            {
                _printed.AppendLine(line);
            }
        }
    }

    private string Printed()
    {
        lock (_printed)
        {
            return _printed.ToString().Trim();
        }
    }
}
