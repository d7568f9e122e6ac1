using System.Globalization;

namespace Presence.Server.Security.Revoking;

/// <summary>
/// Which tokens are not to be believed any more: one, by its <c>jti</c>; all of a user, those to come too; or all that were issued before a time, of one user or
/// of everybody. Of each key there is one at most; a newer one takes its place.
/// </summary>
internal sealed record Revocation
{
    /// <summary>The longest key there is: that of a token id.</summary>
    public const int MaxKeyBytes = 6 + TokenIdentity.MaxTokenIdBytes;

    /// <summary>1 … 2^63−1; null: of everybody.</summary>
    public ulong? UserId { get; init; }

    /// <summary>A <c>jti</c>, at most <see cref="TokenIdentity.MaxTokenIdBytes"/> in UTF-8; null: any.</summary>
    public string? TokenId { get; init; }

    /// <summary>Tokens with an <c>iat</c> before it, and those without one; null: whenever they were issued.</summary>
    public DateTimeOffset? IssuedBefore { get; init; }

    /// <summary>The time at which no token it concerns is valid any more, when who made it knows; null: it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was made; null when a list does not say.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>By which it is listed and lifted: <c>token/JTI</c>, <c>user/ID</c>, <c>issued-before/ID</c> or <c>issued-before/all</c>.</summary>
    public string Key => TokenId is not null ? $"token/{TokenId}"
        : IssuedBefore is null ? $"user/{Of(UserId)}"
        : $"issued-before/{Of(UserId)}";

    /// <returns>What is wrong with it; null when it names something.</returns>
    public string? Fault() => this switch
    {
        { TokenId: null, UserId: null, IssuedBefore: null } => "it names neither a user, nor a token id, nor a time before which tokens were issued",
        { TokenId: not null } and ({ UserId: not null } or { IssuedBefore: not null }) => "a token id stands alone: it names one token",
        { TokenId.Length: 0 } => "the token id is empty",
        { TokenId: { } id } when System.Text.Encoding.UTF8.GetByteCount(id) > TokenIdentity.MaxTokenIdBytes =>
            $"the token id is longer than {TokenIdentity.MaxTokenIdBytes} bytes",
        { UserId: { } id } when !Protocol.UserId.IsValid(id) => $"{id} is not a user id",
        _ => null,
    };

    /// <summary>When it concerns no valid token any more.</summary>
    /// <param name="longest">The longest that a token is believed after its <c>iat</c>, clocks that differ included; null: for ever.</param>
    /// <returns>Null: never, as far as is known.</returns>
    public DateTimeOffset? DropsAt(TimeSpan? longest)
    {
        // A user without a time is shut out until somebody lifts it: its tokens to come are concerned too.
        DateTimeOffset? lastIssued = IssuedBefore ?? (TokenId is null ? null : RevokedAt);
        return ExpiresAt ?? (lastIssued + longest);
    }

    private static string Of(ulong? userId) => userId?.ToString(CultureInfo.InvariantCulture) ?? "all";
}
