using System.Globalization;
using System.Numerics;
using System.Text;
using Microsoft.Extensions.Primitives;
using Presence.Server.Http;
using Presence.Server.Storage.Journal;

namespace Presence.Fuzz.Targets;

/// <summary>What a query string says: lists of user ids, read as a plain second reading says; cursors of the change feed, which are written as they were read.</summary>
internal static class QueryTexts
{
    private static readonly BigInteger _maxId = long.MaxValue;

    public static Target UserIds { get; } = new(
        "user-ids", JudgeIds, static () => [[1, .. "2,3"u8], [2, .. "4 , 5"u8], [1, .. "9223372036854775807"u8], [1, .. "9223372036854775808,1"u8], [1, .. "01"u8], [3, .. "1,,2"u8], [1, .. "1\0"u8]],
        [","u8.ToArray(), " "u8.ToArray(), "+"u8.ToArray(), "\u0665"u8.ToArray(), "\u00A0"u8.ToArray(), "18446744073709551616"u8.ToArray()]);

    public static Target Cursor { get; } = new(
        "cursor", JudgeCursor, static () => ["7-1790000000000-128-0"u8.ToArray(), "1-0-65664-12"u8.ToArray(), "18446744073709551615-9223372036854775807-9223372036854775807-2147483647"u8.ToArray(), "1-2-3"u8.ToArray(), "7-0-128-0\0"u8.ToArray()],
        ["-"u8.ToArray(), "128"u8.ToArray(), "2147483648"u8.ToArray(), "+1"u8.ToArray(), "\0"u8.ToArray()]);

    // The first byte says how often the parameter is repeated.
    private static bool JudgeIds(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        string text = Encoding.UTF8.GetString(input.AsSpan(1));
        string[] values = [.. Enumerable.Repeat(text, input[0] & 3)];
        Problem? problem = UserIdList.Read("ids", new StringValues(values), out ulong[] ids);
        BigInteger?[] expected = [.. values.SelectMany(static value => value.Split(',')).Select(Number)];
        Oracle.Holds((problem is null) == Array.TrueForAll(expected, static one => one is not null), "a list of ids is not judged as its parts are");
        Oracle.Holds(problem is null ? ids.Select(static id => (BigInteger?)id).SequenceEqual(expected) : ids.Length == 0, "a list of ids is not read as its parts are");
        return problem is null && ids.Length > 0;
    }

    private static BigInteger? Number(string part)
    {
        string digits = part.Trim();
        bool plain = digits.Length > 0 && digits[0] != '0' && digits.All(char.IsAsciiDigit);
        return plain && BigInteger.Parse(digits, CultureInfo.InvariantCulture) is var number && number <= _maxId ? number : null;
    }

    private static bool JudgeCursor(byte[] input)
    {
        if (!JournalPosition.TryParse(Encoding.UTF8.GetString(input), out JournalPosition position))
        {
            return false;
        }

        Oracle.Holds(position is { BegunMs: >= 0, Offset: >= SegmentHeader.Bytes, Record: >= 0 }, "a cursor points in front of the journal");
        Oracle.Holds(JournalPosition.TryParse(position.ToString(), out JournalPosition again) && position == again, "a cursor is written as another one");
        return true;
    }
}
