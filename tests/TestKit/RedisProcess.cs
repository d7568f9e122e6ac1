using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Presence.TestKit;

/// <summary>A Redis of the test's on the loopback, with a directory that is deleted with it. It keeps nothing on disk unless it is told to.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private string[] _arguments = [];
    private Process? _process;

    private RedisProcess()
    {
    }

    public IPEndPoint Address { get; } = LoopbackPorts.Free();

    public string Folder { get; } = Directory.CreateTempSubdirectory("presence-redis-").FullName;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="arguments">Such as <c>--appendonly yes</c>, each word one.</param>
    public static async Task<RedisProcess> StartAsync(params string[] arguments)
    {
        var redis = new RedisProcess();
        string[] own = ["--port", Port(redis), "--bind", "127.0.0.1", "--dir", redis.Folder, "--save", "", "--appendonly", "no"];
        redis._arguments = [.. own, .. arguments];
        await redis.AgainAsync();
        return redis;
    }

    /// <summary>Starts a replica of this one.</summary>
    public Task<RedisProcess> ReplicateAsync() => StartAsync("--replicaof", "127.0.0.1", Port(this), "--repl-diskless-sync-delay", "0");

    /// <summary>Starts a Sentinel that alone decides whether this one is dead, which it does soon, and then makes its replica the primary.</summary>
    public async Task<RedisProcess> WatchAsync(string name)
    {
        var sentinel = new RedisProcess();
        string file = Path.Combine(sentinel.Folder, "sentinel.conf");
        await File.WriteAllTextAsync(
            file,
            $"""
            port {Port(sentinel)}
            bind 127.0.0.1
            dir {sentinel.Folder}
            sentinel monitor {name} 127.0.0.1 {Port(this)} 1
            sentinel down-after-milliseconds {name} 2000
            sentinel failover-timeout {name} 1000

            """);
        sentinel._arguments = [file, "--sentinel"];
        await sentinel.AgainAsync();
        return sentinel;
    }

    /// <summary>Starts it where it was, on what is in its folder, after it has ended.</summary>
    public async Task AgainAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, WorkingDirectory = Folder };
        Array.ForEach(_arguments, start.ArgumentList.Add);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        using var patience = new CancellationTokenSource(s_patience);
        while (!await AnswersAsync(patience.Token))
        {
            patience.Token.ThrowIfCancellationRequested();
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"Redis has ended with {_process.ExitCode}.");
            }
        }
    }

    /// <summary>SIGSTOP: its connections stay and nothing is answered, until <see cref="Continue"/>.</summary>
    public void Pause() => PosixSignals.Send(_process!.Id, PosixSignals.Stop);

    public void Continue() => PosixSignals.Send(_process!.Id, PosixSignals.Cont);

    public async Task KillAsync()
    {
        if (!_process!.HasExited)
        {
            PosixSignals.Send(_process.Id, PosixSignals.Kill);
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>What it has on disk is gone. To be called while it does not run.</summary>
    public void Forget()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
            _process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static string Port(RedisProcess redis) => redis.Address.Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>One command as a line, and the first line of its answer.</summary>
    public async Task<string> AskAsync(string command, CancellationToken cancel = default)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Address, cancel);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancel);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(cancel) ?? "";
    }

    /// <summary>Founds a cluster in it, for which a node would wait some seconds.</summary>
    public Task FoundClusterAsync() => AskAsync(string.Create(
        CultureInfo.InvariantCulture, $"HSET presence:cluster seed {Random.Shared.NextInt64():x16} epoch {DateTimeOffset.UtcNow.ToUnixTimeSeconds()} expected \"\""));

    // Not before it has loaded what it keeps.
    private async Task<bool> AnswersAsync(CancellationToken cancel)
    {
        try
        {
            return await AskAsync("PING", cancel) == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
