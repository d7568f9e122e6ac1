namespace Presence.Server.Security;

/// <summary>The refusals that say the same for every configuration; made once, so that a flood of bad tokens makes nothing.</summary>
internal static class TokenRejections
{
    public static readonly TokenRejection Missing = new(TokenRejectionReason.Missing,
        "There is no token.");

    public static readonly TokenRejection Malformed = new(TokenRejectionReason.Malformed,
        "The token is not a signed JWT: header.payload.signature in base64url, with JSON in the first two.");

    public static readonly TokenRejection UnknownType = new(TokenRejectionReason.WrongType,
        "The token's 'typ' is neither JWT nor at+jwt: it was issued for another use.");

    public static readonly TokenRejection Critical = new(TokenRejectionReason.Malformed,
        "The token has a 'crit' header, whose extensions are not understood here.");

    public static readonly TokenRejection KeysUnavailable = new(TokenRejectionReason.KeysUnavailable,
        "The keys to verify tokens with were not read yet. Come back with the same token.");

    public static readonly TokenRejection KeyAwaited = new(TokenRejectionReason.KeysUnavailable,
        "No key known yet fits the token's 'alg' and 'kid'; the key set is about to be read again. Come back with the same token.");

    public static readonly TokenRejection UnknownKey = new(TokenRejectionReason.UnknownKey,
        "No key of this server fits the token's 'alg' and 'kid'.");

    public static readonly TokenRejection BadSignature = new(TokenRejectionReason.BadSignature,
        "The token's signature is wrong.");

    public static readonly TokenRejection NoExpiry = new(TokenRejectionReason.Malformed,
        "The token has no 'exp' in seconds since 1970.");

    public static readonly TokenRejection BadTime = new(TokenRejectionReason.Malformed,
        "The token's 'nbf' or 'iat' is not in seconds since 1970.");

    public static readonly TokenRejection NoIssuedAt = new(TokenRejectionReason.LifetimeTooLong,
        "The token has no 'iat', from which its lifetime is counted.");

    public static readonly TokenRejection Revoked = new(TokenRejectionReason.Revoked,
        "The token has been revoked.");

    public static readonly TokenRejection Expired = new(TokenRejectionReason.Expired,
        "The token has expired.");

    public static readonly TokenRejection NotYetValid = new(TokenRejectionReason.NotYetValid,
        "The token's 'nbf' or 'iat' is in the future; check the clocks.");

    public static readonly TokenRejection WrongIssuer = new(TokenRejectionReason.WrongIssuer,
        "The token's 'iss' is not the one this server trusts.");

    public static readonly TokenRejection WrongAudience = new(TokenRejectionReason.WrongAudience,
        "The token's 'aud' does not name this server.");

    public static readonly TokenRejection BadSubject = new(TokenRejectionReason.BadSubject,
        "The token's 'sub' is not a user id: decimal, 1 to 9223372036854775807, no leading zero.");

    public static readonly TokenRejection BadTokenId = new(TokenRejectionReason.Malformed,
        $"The token's 'jti' is longer than {TokenIdentity.MaxTokenIdBytes} bytes.");

    public static readonly TokenRejection BadScope = new(TokenRejectionReason.Malformed,
        "The token's 'scope' is not a text of scopes separated by spaces.");

    public static readonly TokenRejection NoGatewayScope = new(TokenRejectionReason.MissingScope,
        $"The token's 'scope' does not have {GatewayTokenValidator.Scope}: a gateway link needs a token that was made for one.");

    public static readonly TokenRejection NoScope = new(TokenRejectionReason.MissingScope,
        $"The token's 'scope' does not have {AdminTokenValidator.Scope}.");

    // A resume token that was good once: an honest client comes back with a token, as from one that has expired.
    private static readonly TokenRejection _resumeExpired = new(TokenRejectionReason.Expired,
        "The resume token has expired, and there is no token beside it. Come back with a token.");

    private static readonly TokenRejection _resumeKeyGone = new(TokenRejectionReason.Expired,
        "The resume token's key is not in use any more, and there is no token beside it. Come back with a token.");

    private static readonly TokenRejection _resumeOfOtherDevice = new(TokenRejectionReason.Expired,
        "The resume token is another device's, and there is no token beside it. Come back with a token, or as the device it was made for.");

    /// <summary>What to say of a resume token that stands alone.</summary>
    /// <returns>Null when it was never good: then the token is what is missing.</returns>
    public static TokenRejection? OfResumeToken(ResumeRejection rejection) => rejection switch
    {
        ResumeRejection.None => _resumeOfOtherDevice,
        ResumeRejection.Expired => _resumeExpired,
        ResumeRejection.UnknownKey => _resumeKeyGone,
        _ => null,
    };
}
