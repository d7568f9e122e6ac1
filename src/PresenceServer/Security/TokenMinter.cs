using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Presence.Server.Security;

/// <summary>
/// Makes HS256 tokens that <c>TokenValidator</c> accepts. Depends on nothing of the server: the tools compile this file too.
/// </summary>
/// <param name="secret">At least 32 bytes, see <see cref="SigningSecret"/>.</param>
/// <param name="issuer">The <c>iss</c> of every token; null has none.</param>
/// <param name="audience">The <c>aud</c> of every token; null has none.</param>
internal sealed class TokenMinter(byte[] secret, string? issuer = null, string? audience = null)
{
    private static readonly string _header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    /// <summary>A token for one user.</summary>
    /// <param name="userId">1 … 2^63−1, its <c>sub</c>.</param>
    /// <param name="issuedAt">Its <c>iat</c>, cut to the second.</param>
    /// <param name="lifetime">From then to its <c>exp</c>.</param>
    /// <param name="scopes">Its <c>scope</c>, such as <c>presence:admin</c>.</param>
    /// <param name="tokenId">Its <c>jti</c>, by which it can be revoked; null has none.</param>
    public string Mint(
        ulong userId, DateTimeOffset issuedAt, TimeSpan lifetime, IReadOnlyCollection<string>? scopes = null, string? tokenId = null)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("sub"u8, userId.ToString(System.Globalization.CultureInfo.InvariantCulture));
            json.WriteNumber("iat"u8, issuedAt.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (issuedAt + lifetime).ToUnixTimeSeconds());
            WriteIfAny(json, "iss", issuer);
            WriteIfAny(json, "aud", audience);
            WriteIfAny(json, "jti", tokenId);
            WriteIfAny(json, "scope", scopes is null ? null : string.Join(' ', scopes));
            json.WriteEndObject();
        }

        return Sign($"{_header}.{Base64Url.EncodeToString(payload.WrittenSpan)}");
    }

    private string Sign(string content)
    {
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content), signature);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}
