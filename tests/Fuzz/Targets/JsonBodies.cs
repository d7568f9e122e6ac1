using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Presence.Protocol;
using Presence.Server.Http;

namespace Presence.Fuzz.Targets;

/// <summary>
/// The bodies of HTTP requests. There is a body or a problem, the same however the bytes are split; a body is written and read again as the same, its user
/// ids are those of the text, and a problem can be told.
/// </summary>
internal static class JsonBodies
{
    private static readonly byte[][] _words =
    [
        "\"presence\":"u8.ToArray(), "\"user_id\":"u8.ToArray(), "\"status_text\":"u8.ToArray(), "\"users_status\":"u8.ToArray(),
        "\"online\""u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(), "[\"2\",3]"u8.ToArray(), "9223372036854775807"u8.ToArray(),
        "\"18446744073709551616\""u8.ToArray(), "1e3"u8.ToArray(), "-0"u8.ToArray(), "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), [0xEF, 0xBB, 0xBF], [0xED, 0xA0, 0x80], [0xFF],
    ];

    public static Target Status { get; } = new("status-body", static input => Judge(input, HttpJson.Wire.StatusBody, static body => Ids(body.UserId), "user_id"), StatusSeeds, _words);

    public static Target Question { get; } = new(
        "question-body", static input => Judge(input, HttpJson.Wire.QuestionBody, static body => [.. Ids(body.UserId), .. body.UsersStatus ?? []], "user_id", "users_status"), QuestionSeeds, _words);

    private static bool Judge<T>(byte[] input, JsonTypeInfo<T> contract, Func<T, ulong[]> ids, params string[] fields)
        where T : class
    {
        (T? body, Problem? problem) = JsonBody.Parse(new(input), contract);
        (T? again, Problem? otherProblem) = JsonBody.Parse(Pieces.Of(input, 1 + (input.Length % 5)), contract);
        Oracle.Holds((body is null) != (problem is null), "there is not either a body or a problem");
        Oracle.Holds(problem == otherProblem && Text(body, contract).AsSpan().SequenceEqual(Text(again, contract)), "segments are read as something else than contiguous bytes");
        if (body is null)
        {
            Oracle.Holds(JsonSerializer.SerializeToUtf8Bytes(problem!.ToBody(), HttpJson.Wire.ProblemBody).Length < 4_096 + input.Length, "a problem is told at great length");
            return false;
        }

        (T? back, _) = JsonBody.Parse(new(Text(body, contract)), contract);
        Oracle.Equal(Text(body, contract), Text(back, contract), "a body is written as another one");
        CheckIds(input, ids(body), fields);
        return true;
    }

    private static byte[] Text<T>(T? body, JsonTypeInfo<T> contract)
        where T : class => body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body, contract);

    // Read a second time as numbers of any size.
    private static void CheckIds(byte[] input, ulong[] ids, string[] fields)
    {
        var expected = new List<BigInteger>();
        using JsonDocument document = JsonDocument.Parse(input.AsMemory(input is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0));
        foreach (string field in fields)
        {
            if (document.RootElement.TryGetProperty(field, out JsonElement value))
            {
                expected.AddRange(value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Number) : value.ValueKind == JsonValueKind.Null ? [] : [Number(value)]);
            }
        }

        Oracle.Holds(Array.TrueForAll(ids, UserId.IsValid), "a user id is none");
        Oracle.Holds(expected.Count >= ids.Length && ids.Select(static id => new BigInteger(id)).All(expected.Contains), "a user id is not what the text says");
    }

    private static BigInteger Number(JsonElement value) =>
        BigInteger.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText(), out BigInteger number) ? number : BigInteger.MinusOne;

    private static ulong[] Ids(ulong? id) => id is { } one ? [one] : [];

    private static IEnumerable<byte[]> StatusSeeds() =>
    [
        """{"presence":"online"}"""u8.ToArray(),
        """{"presence":"busy","user_id":"42","status_text":"in a call 🎧"}"""u8.ToArray(),
        """{"presence":"away","user_id":9223372036854775807,"status_text":"\u00e9\n"}"""u8.ToArray(),
        """{"presence":null,"user_id":null,"else":[1,{"a":"b"}]}"""u8.ToArray(),
        """{"":"","\ud800":""}"""u8.ToArray(), """{"presence":"online","user_id":"2\u0000"}"""u8.ToArray(),
        """{"user_id":"0"}"""u8.ToArray(), """{"presence":1}"""u8.ToArray(), "[]"u8.ToArray(), "\"online\""u8.ToArray(),
        """{"presence":"online","presence":"busy"}"""u8.ToArray(),
        [0xEF, 0xBB, 0xBF, .. """{"presence":"offline"}"""u8],
    ];

    private static IEnumerable<byte[]> QuestionSeeds() =>
    [
        """{"users_status":["1","2",3]}"""u8.ToArray(),
        """{"users_status":["9223372036854775807"],"user_id":"7"}"""u8.ToArray(),
        """{"users_status":[]}"""u8.ToArray(), """{"users_status":null}"""u8.ToArray(), """{"users_status":["a"]}"""u8.ToArray(),
        """{"users_status":[[1]]}"""u8.ToArray(), """{"users_status":{"a":1}}"""u8.ToArray(), "{}"u8.ToArray(), """{"\ud800":[],"":""}"""u8.ToArray(), "{"u8.ToArray(), "null"u8.ToArray(),
    ];
}
