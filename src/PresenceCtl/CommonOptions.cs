using System.CommandLine;
using System.CommandLine.Parsing;
using Presence.Protocol;

namespace Presence.Ctl;

/// <summary>Options and arguments that mean the same in every command.</summary>
internal static class CommonOptions
{
    public const string DefaultDataDirectory = "./data";

    public static Option<string> DataDirectory(string description) => new("--data-directory")
    {
        Description = description,
        DefaultValueFactory = static _ => DefaultDataDirectory,
    };

    public static Option<bool> Json() => new("--json")
    {
        Description = "Print JSON: field names do not change, 64-bit values are strings.",
    };

    public static Argument<ulong> UserIdArgument() => new("ID")
    {
        Description = "The user's id.",
        CustomParser = static result => ParseUserId(result.Tokens[0].Value, result),
    };

    public static Argument<ulong[]> UserIdsArgument() => new("ID")
    {
        Description = "Ids of users.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = static result => [.. result.Tokens.Select(token => ParseUserId(token.Value, result))],
    };

    public static ulong ParseUserId(string text, SymbolResult result)
    {
        if (!UserId.TryParse(text, out ulong userId))
        {
            result.AddError($"'{text}' is not a user id; those are decimal, {UserId.Min} to {UserId.Max}, without a leading zero.");
        }

        return userId;
    }
}
