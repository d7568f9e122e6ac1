using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Presence.Ctl;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Machine;

namespace Presence.LoadClient.Commands;

/// <summary>The options that every scenario has.</summary>
internal sealed class TargetOptions
{
    public Option<Servers> Server { get; } = new("--server")
    {
        Description = "Where to: HOST:PORT[,HOST:PORT…], the Tcp listener of each node",
        CustomParser = ParseServers,
        DefaultValueFactory = static _ => Servers.Parse("127.0.0.1:7001", out string _)!,
    };

    public Option<string> DataDirectory { get; } = new("--data-directory")
    {
        Description = "The server's data directory, whose signing key the tokens are minted from",
        DefaultValueFactory = static _ => "./data",
    };

    public Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = "The file of the signing key, instead of the one in the data directory",
    };

    public Option<TimeSpan> Duration { get; } = new("--duration")
    {
        Description = "How long to measure: 30s, 5m, 1h or hh:mm:ss",
        CustomParser = ParseDuration,
        DefaultValueFactory = static _ => TimeSpan.FromSeconds(30),
    };

    public Option<int> Seed { get; } = new("--seed")
    {
        Description = "Draws the same watches and the same order again",
        DefaultValueFactory = static _ => 1,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON object on standard output instead of a table" };

    public Option<string?> Html { get; } = new("--html")
    {
        Description = "A file for the report as a page with plots, to be opened in a browser",
        CustomParser = ParseHtml,
    };

    public Option<long> FirstUser { get; } = new("--first-user")
    {
        Description = "The first user id; generators that run together need ids of their own",
        DefaultValueFactory = static _ => 1,
    };

    public Option<int?> ServerPid { get; } = new("--server-pid")
    {
        Description = "The server's process on this machine, for its CPU and memory; found by its port where it can be",
        CustomParser = ParsePid,
    };

    public Option<string?> Admin { get; } = new("--admin")
    {
        Description = "The server's admin listener, HOST:PORT: it is then asked for its managed heap and garbage collections. "
            + $"Needs the admin key in the data directory, or a token in {LocalCredentials.TokenVariable}",
        CustomParser = ParseAdmin,
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Server, DataDirectory, KeyFile, Duration, Seed, FirstUser, ServerPid, Admin, Json, Html })
        {
            command.Options.Add(option);
        }
    }

    private static Servers? ParseServers(ArgumentResult result)
    {
        var servers = Servers.Parse(result.Tokens[0].Value, out string error);
        if (servers is null)
        {
            result.AddError(error);
        }

        return servers;
    }

    private static int? ParsePid(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int id) && new ProcessUsage(id).Read() is not null)
        {
            return id;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not the id of a process of this machine.");
        return null;
    }

    private static string? ParseAdmin(ArgumentResult result)
    {
        string address = result.Tokens[0].Value;
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out Uri? uri) || !address.EndsWith($":{uri.Port}", StringComparison.Ordinal))
        {
            result.AddError($"--admin is HOST:PORT, such as 127.0.0.1:9090; '{address}' is not.");
        }

        return address;
    }

    // Before the run, not after it: a report that cannot be written is a run for nothing.
    private static string? ParseHtml(ArgumentResult result)
    {
        string path = result.Tokens[0].Value;
        try
        {
            using FileStream file = new(path, FileMode.Append);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            result.AddError($"The report cannot be written to '{path}': {e.Message}");
            return null;
        }
    }

    public static TimeSpan ParseDuration(ArgumentResult result)
    {
        if (!Durations.TryParse(result.Tokens[0].Value, out TimeSpan duration))
        {
            result.AddError($"'{result.Tokens[0].Value}' is not a duration such as 30s, 5m, 1h or 00:00:30.");
        }

        return duration;
    }
}
