using Microsoft.Extensions.Primitives;
using Presence.Protocol;

namespace Presence.Server.Http;

/// <summary>User ids in a query string: <c>2,3</c>, or the parameter repeated.</summary>
internal static class UserIdList
{
    /// <summary>Reads them; a problem when one is none.</summary>
    public static Problem? Read(string name, StringValues values, out ulong[] userIds)
    {
        userIds = [];
        var read = new List<ulong>();
        foreach (string? value in values)
        {
            foreach (Range part in value.AsSpan().Split(','))
            {
                ReadOnlySpan<char> text = value.AsSpan(part).Trim();
                if (!UserId.TryParse(text, out ulong userId))
                {
                    return Problem.Invalid(
                        name, $"{name} has '{Cut(text)}', which is no user id; those are 1 to 9223372036854775807, separated by commas.");
                }

                read.Add(userId);
            }
        }

        userIds = [.. read];
        return null;
    }

    /// <summary>The limit of one request.</summary>
    public static Problem? CheckCount(string limit, int allowed, ulong[] userIds) => userIds.Length <= allowed
        ? null
        : Problem.Limit(limit, allowed, $"{limit} is {allowed}, the request has {userIds.Length}; nothing of it was done. Split it.");

    private static string Cut(ReadOnlySpan<char> text) => text.Length <= 24 ? text.ToString() : $"{text[..24]}…";
}
