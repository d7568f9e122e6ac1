using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Protocol;

namespace Presence.Server.Http;

/// <summary>A user id in JSON: a string of digits, or a number where the client's numbers reach so far.</summary>
internal sealed class UserIdConverter : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadOne(ref reader);

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
        writer.WriteStringValue(DecimalText.Of(value));

    public static ulong ReadOne(ref Utf8JsonReader reader)
    {
        ulong userId = 0;
        bool valid = reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetUInt64(out userId) && UserId.IsValid(userId),
            JsonTokenType.String => UserId.TryParse(reader.GetString(), out userId),
            _ => false,
        };
        return valid ? userId : throw new ContractException("A user id is 1 to 9223372036854775807, as a string of digits or a number.");
    }
}

/// <summary>A value that the contract does not allow; the message is for the client.</summary>
internal sealed class ContractException(string message) : JsonException(message);

/// <summary>A list of user ids.</summary>
internal sealed class UserIdsConverter : JsonConverter<ulong[]>
{
    public override ulong[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new ContractException("A list of user ids is expected, such as [\"2\",\"3\"].");
        }

        // Bounded by the length of the body.
        var ids = new List<ulong>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ids.Add(UserIdConverter.ReadOne(ref reader));
        }

        return [.. ids];
    }

    public override void Write(Utf8JsonWriter writer, ulong[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (ulong userId in value)
        {
            writer.WriteStringValue(DecimalText.Of(userId));
        }

        writer.WriteEndArray();
    }
}
