using System.Diagnostics;
using System.Globalization;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Faults;

/// <summary>Three nodes as <c>deploy/local/cluster.sh</c> makes them, with short times, in a network and a directory of the test's own.</summary>
public sealed class LocalCluster : IAsyncLifetime
{
    public const int Nodes = 3;

    // The script says so by this code: the machine does not allow it.
    private const int CannotRunHere = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    // The clients give up on a heartbeat after 2δ, and those of a node that fails are to be back within h, on a busy machine too.
    private static readonly (string Name, string Value)[] s_settings =
    [
        ("Presence__Session__HeartbeatInterval", "00:00:03"),
        ("Presence__Session__Tolerance", "00:00:02.5"),
        ("Presence__Session__Hold", "00:00:06"),
        ("Presence__Admission__DrainTime", "00:00:02"),
        ("Presence__Admission__Handshakes", "10000000"),
        ("Presence__Admission__Signatures", "10000000"),
        ("Presence__Limits__StatusChanges", "0"),
        ("Presence__Overload__LoopLag", "00:01:00"),
        ("Presence__Overload__Cpu", "1000"),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-local-cluster-");

    // Others may have a cluster on this machine.
    private readonly string _network = string.Create(CultureInfo.InvariantCulture, $"10.{Random.Shared.Next(80, 250)}.{Random.Shared.Next(0, 250)}");

    /// <summary>Why it could not be made; null: it is up.</summary>
    public string? Missing { get; private set; }

    /// <summary>Of the load balancer.</summary>
    public string Address => $"{_network}.1:7001";

    public string KeyFile => Path.Combine(_folder.FullName, "signing-key");

    public async ValueTask InitializeAsync()
    {
        (int code, string output) = await TryAsync("up");
        Missing = code switch
        {
            0 => null,
            CannotRunHere => output.Trim(),
            _ => throw new InvalidOperationException($"cluster.sh up ended with {code}:{Environment.NewLine}{output}"),
        };
    }

    /// <summary>Does something to the cluster: <c>kill 2</c>.</summary>
    /// <exception cref="InvalidOperationException">It did not succeed.</exception>
    public async Task DoAsync(string command)
    {
        (int code, string output) = await TryAsync(command.Split(' '));
        if (code != 0)
        {
            (_, string status) = await TryAsync("status");
            throw new InvalidOperationException($"cluster.sh {command} ended with {code}:{Environment.NewLine}{output}{status}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await TryAsync("down");
        _folder.Delete(recursive: true);
    }

    private async Task<(int ExitCode, string Output)> TryAsync(params string[] words)
    {
        var start = new ProcessStartInfo(Path.Combine(ServerProcess.Repository, "deploy", "local", "cluster.sh"), words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODES"] = Nodes.ToString(CultureInfo.InvariantCulture);
        start.Environment["PRESENCE_CLUSTER_DIR"] = _folder.FullName;
        start.Environment["PRESENCE_CLUSTER_NET"] = _network;
        foreach ((string name, string value) in s_settings)
        {
            start.Environment[name] = value;
        }

        using Process script = Process.Start(start)!;
        using var patience = new CancellationTokenSource(s_patience);
        Task<string> output = script.StandardOutput.ReadToEndAsync(patience.Token), errors = script.StandardError.ReadToEndAsync(patience.Token);
        await script.WaitForExitAsync(patience.Token);
        return (script.ExitCode, await output + await errors);
    }
}
