using System.CommandLine;
using System.CommandLine.Parsing;

namespace Presence.Ctl;

/// <summary>The options of every command that asks a server.</summary>
internal sealed class AdminOptions
{
    public const string DefaultAddress = "127.0.0.1:9090";

    private readonly Option<string> _admin = new("--admin")
    {
        Description = "The admin listener of the server, HOST:PORT.",
        DefaultValueFactory = static _ => DefaultAddress,
    };

    private readonly Option<string> _dataDirectory = CommonOptions.DataDirectory("The server's data directory, in which the admin key is.");

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"A token of scope presence:admin, instead of one made with the key in the data directory. Also from {LocalCredentials.TokenVariable}.",
    };

    private readonly Option<string?> _node = new("--node")
    {
        Description = "The id of the node of the cluster that is to answer, whichever is asked.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    private readonly AdminTlsOptions _tls = new();

    public AdminOptions() => _admin.Validators.Add(CheckAddress);

    public void AddTo(Command command)
    {
        command.Options.Add(_admin);
        command.Options.Add(_dataDirectory);
        command.Options.Add(_token);
        _tls.AddTo(command);
        command.Options.Add(_node);
        command.Options.Add(_json);
    }

    public bool Json(ParseResult parse) => parse.GetValue(_json);

    /// <exception cref="Server.Security.KeyFormatException">No token was given and the admin key cannot be read, or a certificate cannot.</exception>
    /// <param name="parse">The command line.</param>
    /// <param name="node">The node that is to answer, said otherwise than by the option.</param>
    public AdminConnection Connect(ParseResult parse, string? node = null) =>
        new(parse.GetValue(_admin)!, Token(parse), _tls.Read(parse), node ?? parse.GetValue(_node));

    // What is said on the command line wins over the environment, which wins over what is found.
    private string Token(ParseResult parse)
    {
        if (parse.GetValue(_token) is { Length: > 0 } given)
        {
            return given;
        }

        string? variable = Environment.GetEnvironmentVariable(LocalCredentials.TokenVariable);
        bool directoryGiven = parse.GetResult(_dataDirectory) is { Implicit: false };
        return !directoryGiven && !string.IsNullOrEmpty(variable) ? variable : LocalCredentials.AdminToken(parse.GetValue(_dataDirectory)!);
    }

    private static void CheckAddress(OptionResult result)
    {
        string address = result.GetValueOrDefault<string>();
        bool right = Uri.TryCreate($"http://{address}", UriKind.Absolute, out Uri? uri)
            && uri.Authority.Equals(address, StringComparison.OrdinalIgnoreCase)
            && address.EndsWith($":{uri.Port}", StringComparison.Ordinal);
        if (!right)
        {
            result.AddError($"--admin is HOST:PORT, such as {DefaultAddress}; '{address}' is not.");
        }
    }
}
