using System.CommandLine;
using System.CommandLine.Parsing;
using Presence.LoadClient.Connections;

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

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Server, DataDirectory, KeyFile, Duration, Seed, Json })
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

    private static TimeSpan ParseDuration(ArgumentResult result)
    {
        if (!Durations.TryParse(result.Tokens[0].Value, out TimeSpan duration))
        {
            result.AddError($"'{result.Tokens[0].Value}' is not a duration such as 30s, 5m, 1h or 00:00:30.");
        }

        return duration;
    }
}
