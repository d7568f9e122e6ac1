using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Presence.Admin.V1;
using Presence.Ctl.Output;

namespace Presence.Ctl.Commands;

/// <summary><c>revoke</c>: takes tokens back.</summary>
internal static class RevokeCommand
{
    private const string Now = "now";

    public static Command Create()
    {
        var user = new Option<ulong>("--user")
        {
            Description = "All tokens of this user, those to come too, until it is lifted; with --issued-before only those before that time.",
            CustomParser = static result => CommonOptions.ParseUserId(result.Tokens[0].Value, result),
        };
        var tokenId = new Option<string>("--token-id") { Description = "One token, by its jti.", DefaultValueFactory = static _ => "" };
        var issuedBefore = new Option<ulong>("--issued-before")
        {
            Description = $"Tokens whose iat is before this time, such as 2026-11-28T12:00:00Z, or '{Now}': without --user everybody's. New ones are good.",
            CustomParser = static result => ParseTime(result.Tokens[0].Value, result),
        };
        var expires = new Option<ulong>("--expires")
        {
            Description = "When no token it concerns is valid any more, so that it is forgotten then. By default as Presence:Auth:MaxTokenLifetime says.",
            CustomParser = static result => ParseTime(result.Tokens[0].Value, result),
        };
        var options = new AdminOptions();
        var command = new Command("revoke", "Takes tokens back: sessions they opened end within a second and are told not to come back. Durable when it returns.")
        {
            user, tokenId, issuedBefore, expires,
        };
        options.AddTo(command);
        command.Validators.Add(result => Check(result, result.GetResult(user), result.GetResult(tokenId), result.GetResult(issuedBefore)));
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var wanted = new Revocation
            {
                UserId = parse.GetValue(user),
                TokenId = parse.GetValue(tokenId),
                IssuedBeforeMs = parse.GetValue(issuedBefore),
                ExpiresAtMs = parse.GetValue(expires),
            };
            RevokeResponse response = await admin.Service.RevokeAsync(new RevokeRequest { Revocation = wanted }, admin.Question(cancelled));
            Console.Out.WriteLine(options.Json(parse) ? Json.Of(response.Revocation) : RevocationText.Line(response.Revocation));
            return ExitCodes.Ok;
        });
        return command;
    }

    // A default that is not given has a result too, an implicit one.
    private static void Check(CommandResult command, params OptionResult?[] named)
    {
        bool[] given = [.. named.Select(static option => option is { Implicit: false })];
        if (!given.Contains(true))
        {
            command.AddError("Name what to revoke: --user ID, --token-id JTI, or --issued-before TIME with or without --user.");
        }
        else if (given[1] && (given[0] || given[2]))
        {
            command.AddError("--token-id stands alone: it names one token.");
        }
    }

    private static ulong ParseTime(string text, ArgumentResult result)
    {
        if (text.Equals(Now, StringComparison.OrdinalIgnoreCase))
        {
            return (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        }

        bool read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time);
        if (!read || time <= DateTimeOffset.UnixEpoch)
        {
            result.AddError($"'{text}' is not a time such as 2026-11-28T12:00:00Z, or '{Now}'.");
        }

        return (ulong)Math.Max(0, time.ToUnixTimeMilliseconds());
    }
}
