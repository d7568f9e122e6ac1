namespace Presence.Engine;

/// <summary>What of a token a revocation can name, besides its user.</summary>
/// <param name="IdKey">Keyed hash of its <c>jti</c>, not 0; 0 when it has none.</param>
/// <param name="IssuedAt">Its <c>iat</c> in Unix seconds; 0 when it has none, and then it counts as older than all others.</param>
public readonly record struct TokenMark(ulong IdKey, long IssuedAt);

/// <summary>All tokens that are not believed any more, though their signature is right and their time not over. Immutable: any thread may ask, at the cost of two look-ups.</summary>
/// <param name="allBeforeMs">Unix ms: every token with an <c>iat</c> before it, whoever's; 0 for none.</param>
/// <param name="usersBeforeMs">The same by user; <see cref="Banned"/> for all tokens of a user, the ones to come too.</param>
/// <param name="ids">Keys of token ids.</param>
public sealed class RevokedTokens(long allBeforeMs, IReadOnlyDictionary<ulong, long> usersBeforeMs, IReadOnlySet<ulong> ids)
{
    /// <summary>In place of a time: no token of the user is believed, whenever it was issued.</summary>
    public const long Banned = long.MaxValue;

    public static readonly RevokedTokens None = new(0, new Dictionary<ulong, long>(), new HashSet<ulong>());

    /// <summary>Whether a token of this user is revoked. A second in which both the token was issued and its like revoked counts as before.</summary>
    public bool Concerns(ulong userId, in TokenMark token) =>
        IsBefore(token, allBeforeMs)
        || (usersBeforeMs.Count > 0 && usersBeforeMs.TryGetValue(userId, out long beforeMs) && IsBefore(token, beforeMs))
        || (token.IdKey != 0 && ids.Contains(token.IdKey));

    /// <summary>Whether all tokens of this user are revoked.</summary>
    public bool Bans(ulong userId) => usersBeforeMs.TryGetValue(userId, out long beforeMs) && beforeMs == Banned;

    private static bool IsBefore(in TokenMark token, long beforeMs) => token.IssuedAt * 1_000 < beforeMs;
}
