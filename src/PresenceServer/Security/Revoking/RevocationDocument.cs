using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Presence.Server.Security.Revoking;

/// <summary>
/// Revocations as JSON: what an operator's list looks like, and what the server keeps in its data directory. Times are RFC 3339, ids are texts:
/// <code>
/// {"revocations": [
///   {"user_id": "7"},
///   {"user_id": "8", "issued_before": "2026-11-28T12:00:00Z"},
///   {"token_id": "4f1c", "expires_at": "2026-12-01T00:00:00Z"},
///   {"issued_before": "2026-11-01T00:00:00Z"}
/// ]}
/// </code>
/// A field that is not known is an error: a list that is misspelt would otherwise revoke less than it says.
/// </summary>
internal static class RevocationDocument
{
    /// <param name="json">The document.</param>
    /// <param name="most">Entries that it may have.</param>
    /// <exception cref="KeyFormatException">It is no such document, an entry is wrong, or there are too many.</exception>
    public static IReadOnlyList<Revocation> Parse(string json, int most)
    {
        Entry[] entries = Read(json).Revocations ?? throw Wrong("it has no array 'revocations'");
        if (entries.Length > most)
        {
            throw Wrong($"it has {entries.Length} entries; Presence:Limits:Revocations is {most}");
        }

        return [.. entries.Select(static (entry, place) => Of(entry, place))];
    }

    public static byte[] Format(IEnumerable<Revocation> revocations) =>
        JsonSerializer.SerializeToUtf8Bytes(new Document([.. revocations.Select(Of)]), RevocationJson.Default.Document);

    private static Document Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RevocationJson.Default.Document) ?? throw Wrong("it is null");
        }
        catch (JsonException e)
        {
            throw Wrong(e.Message);
        }
    }

    private static Revocation Of(Entry? entry, int place)
    {
        ulong userId = 0;
        if (entry?.UserId is { } text && !Protocol.UserId.TryParse(text, out userId))
        {
            throw Wrong($"entry {place}: '{text}' is not a user id");
        }

        var revocation = new Revocation
        {
            UserId = entry?.UserId is null ? null : userId,
            TokenId = entry?.TokenId,
            IssuedBefore = Time(entry?.IssuedBefore, place),
            ExpiresAt = Time(entry?.ExpiresAt, place),
            RevokedAt = Time(entry?.RevokedAt, place),
        };
        return revocation.Fault() is { } fault ? throw Wrong($"entry {place}: {fault}") : revocation;
    }

    private static Entry Of(Revocation revocation) => new(
        revocation.UserId?.ToString(CultureInfo.InvariantCulture),
        revocation.TokenId,
        Text(revocation.IssuedBefore),
        Text(revocation.ExpiresAt),
        Text(revocation.RevokedAt));

    private static DateTimeOffset? Time(string? text, int place) =>
        text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
        : throw Wrong($"entry {place}: '{text}' is not a time such as 2026-11-28T12:00:00Z");

    private static string? Text(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static KeyFormatException Wrong(string why) => new($"This is not a list of revocations: {why}.");

    internal sealed record Document(Entry[]? Revocations);

    internal sealed record Entry(string? UserId, string? TokenId, string? IssuedBefore, string? ExpiresAt, string? RevokedAt);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RevocationDocument.Document))]
internal sealed partial class RevocationJson : JsonSerializerContext;
