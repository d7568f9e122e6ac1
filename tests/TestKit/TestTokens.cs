using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Presence.TestKit;

/// <summary>Tokens for the development key that a test server has made in its data directory.</summary>
public static class TestTokens
{
    public static string For(ServerProcess server, ulong userId, TimeSpan? lifetime = null, string? scope = null) =>
        For(server.DataDirectory, userId, lifetime, scope);

    public static string For(string dataDirectory, ulong userId, TimeSpan? lifetime = null, string? scope = null) =>
        Mint(File.ReadAllText(Path.Combine(dataDirectory, "signing-key")), userId, lifetime, scope);

    /// <summary>With a <c>jti</c>, or of another time.</summary>
    public static string For(ServerProcess server, ulong userId, string? id, DateTime? issuedAt = null, string? scope = null) =>
        Mint(File.ReadAllText(Path.Combine(server.DataDirectory, "signing-key")), userId, TimeSpan.FromDays(1), scope, issuedAt, id);

    /// <summary>It was good once.</summary>
    public static string Expired(ServerProcess server, ulong userId) =>
        Mint(File.ReadAllText(Path.Combine(server.DataDirectory, "signing-key")), userId, TimeSpan.FromMinutes(1), null, DateTime.UtcNow.AddHours(-1));

    private static string Mint(string key, ulong userId, TimeSpan? lifetime, string? scope, DateTime? issuedAt = null, string? id = null)
    {
        DateTime now = issuedAt ?? DateTime.UtcNow;
        var claims = new Dictionary<string, object> { ["sub"] = userId.ToString(CultureInfo.InvariantCulture) };
        if (scope is not null)
        {
            claims["scope"] = scope;
        }

        if (id is not null)
        {
            claims["jti"] = id;
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + (lifetime ?? TimeSpan.FromHours(1)),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Decode(key.Trim())), SecurityAlgorithms.HmacSha256),
        });
    }

    private static byte[] Decode(string key) => Base64UrlEncoder.DecodeBytes(key.Replace('+', '-').Replace('/', '_').TrimEnd('='));
}
