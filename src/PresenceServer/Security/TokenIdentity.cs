using Presence.Engine;

namespace Presence.Server.Security;

/// <summary>What a valid token says.</summary>
/// <param name="UserId">1 … 2^63−1.</param>
/// <param name="Scopes">What its bearer may do beyond being that user; usually empty.</param>
/// <param name="ExpiresAt">The <c>exp</c>: the session ends then.</param>
/// <param name="IssuedAt">The <c>iat</c>, by which revocation reaches tokens; null when it has none.</param>
/// <param name="TokenId">The <c>jti</c>, at most <see cref="MaxTokenIdBytes"/> in UTF-8; null when it has none.</param>
internal sealed record TokenIdentity(
    ulong UserId, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, DateTimeOffset? IssuedAt, string? TokenId)
{
    /// <summary>It is carried in resume tokens behind a length of one byte.</summary>
    public const int MaxTokenIdBytes = 255;

    /// <summary>What revocations find it by.</summary>
    public TokenMark Mark { get; init; }

    public bool HasScope(string scope) => Scopes.Contains(scope, StringComparer.Ordinal);
}
