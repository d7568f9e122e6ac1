using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Presence.Ctl.Output;
using Presence.Server.Security;

namespace Presence.Ctl.Commands;

/// <summary><c>token</c>: makes a user token with the server's own key, for trying out and for tests. Asks no server.</summary>
internal static class TokenCommand
{
    public static Command Create()
    {
        var user = new Option<ulong>("--user")
        {
            Description = "Whose token it is.",
            Required = true,
            CustomParser = static result => CommonOptions.ParseUserId(result.Tokens[0].Value, result),
        };
        var scopes = new Option<string[]>("--scope") { Description = "What its bearer may do beyond being that user, such as presence:admin. Repeatable." };
        var ttl = new Option<TimeSpan>("--ttl")
        {
            Description = "How long it lasts: 90s, 15m, 2h, 7d.",
            DefaultValueFactory = static _ => TimeSpan.FromHours(1),
            CustomParser = static result => Durations.Parse(result.Tokens[0].Value, result),
        };
        Option<string> dataDirectory = CommonOptions.DataDirectory("The server's data directory, in which its signing key is.");
        var keyFile = new Option<string?>("--key-file") { Description = "The HS256 key of Presence:Auth:SigningKeyFile instead." };
        var issuer = new Option<string?>("--issuer") { Description = "Its iss, where the server asks for one." };
        var audience = new Option<string?>("--audience") { Description = "Its aud, where the server asks for one." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("token", "Makes a token for a user and prints it.")
        {
            user, scopes, ttl, dataDirectory, keyFile, issuer, audience, json,
        };
        command.Validators.Add(result => RefuseTwoKeys(result, dataDirectory, keyFile));
        command.SetAction(parse =>
        {
            byte[] secret = ReadKey(parse.GetValue(keyFile), parse.GetValue(dataDirectory)!);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            TimeSpan lifetime = parse.GetValue(ttl);
            var minter = new TokenMinter(secret, parse.GetValue(issuer), parse.GetValue(audience));
            string token = minter.Mint(parse.GetValue(user), now, lifetime, parse.GetValue(scopes));
            Console.Out.WriteLine(parse.GetValue(json) ? Describe(token, parse.GetValue(user), now + lifetime) : token);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void RefuseTwoKeys(CommandResult result, Option<string> dataDirectory, Option<string?> keyFile)
    {
        if (result.GetResult(dataDirectory) is { Implicit: false } && result.GetResult(keyFile) is { Implicit: false })
        {
            result.AddError("--data-directory and --key-file both name a key; give one of them.");
        }
    }

    private static byte[] ReadKey(string? keyFile, string dataDirectory)
    {
        string path = keyFile ?? Path.Combine(dataDirectory, SigningSecret.UserFileName);
        if (!File.Exists(path))
        {
            string full = Path.GetFullPath(path);
            throw new KeyFormatException(keyFile is not null
                ? $"There is no key file '{full}'."
                : $"There is no signing key '{full}'. A server in Development makes one at its start: start it, or name its --data-directory; "
                    + "with a key of your own, give --key-file.");
        }

        string text = SecretFile.Read(path);
        return text.Contains("-----BEGIN", StringComparison.Ordinal)
            ? throw new KeyFormatException($"'{Path.GetFullPath(path)}' is a PEM key. Tokens are made here with an HS256 secret; let your issuer make these.")
            : SigningSecret.Parse(text, Path.GetFullPath(path));
    }

    private static string Describe(string token, ulong userId, DateTimeOffset expires) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["token"] = token,
        ["user_id"] = Times.Invariant(userId),
        ["expires_ms"] = Times.Invariant((ulong)expires.ToUnixTimeMilliseconds()),
    });
}
