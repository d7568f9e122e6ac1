using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Presence.Protocol;
using Presence.Server.Security.Revoking;

namespace Presence.Server.Security;

/// <summary>Judges the claims of a token whose signature is right.</summary>
internal sealed class TokenClaims(TokenRules rules, RevocationRegister? revocations)
{
    private readonly TokenRejection _lifetimeTooLong = new(TokenRejectionReason.LifetimeTooLong,
        $"The token lives longer than {rules.MaxLifetime}, from 'iat' to 'exp'.");

    /// <returns>Null when all is right; then there is an identity. There is one too when the only fault is that the token has expired.</returns>
    public TokenRejection? Read(JsonWebToken token, DateTimeOffset now, out TokenIdentity? identity)
    {
        identity = null;
        TokenRejection? rejection = ReadTimes(token, now, out DateTimeOffset expiresAt, out DateTimeOffset? issuedAt)
            ?? CheckParties(token);
        if (rejection is not null)
        {
            return rejection;
        }

        // One user, one spelling: what is logged, revoked and compared as text is the same for the same user.
        if (!UserId.TryParse(token.Subject, out ulong userId))
        {
            return TokenRejections.BadSubject;
        }

        string? tokenId = string.IsNullOrEmpty(token.Id) ? null : token.Id;
        if (tokenId is not null && Encoding.UTF8.GetByteCount(tokenId) > TokenIdentity.MaxTokenIdBytes)
        {
            return TokenRejections.BadTokenId;
        }

        if (!TryReadScopes(token, out string[] scopes))
        {
            return TokenRejections.BadScope;
        }

        identity = new TokenIdentity(userId, scopes, expiresAt, issuedAt, tokenId)
        {
            Mark = revocations?.MarkOf(Encoding.UTF8.GetBytes(tokenId ?? ""), issuedAt?.ToUnixTimeSeconds() ?? 0) ?? default,
        };
        return revocations?.Concerns(identity) == true ? TokenRejections.Revoked
            : expiresAt <= now ? TokenRejections.Expired
            : null;
    }

    private TokenRejection? ReadTimes(JsonWebToken token, DateTimeOffset now, out DateTimeOffset expiresAt, out DateTimeOffset? issuedAt)
    {
        issuedAt = null;
        if (!TryReadTime(token, "exp", out DateTimeOffset? expiry) || expiry is null)
        {
            expiresAt = default;
            return TokenRejections.NoExpiry;
        }

        expiresAt = expiry.Value;
        if (!TryReadTime(token, "nbf", out DateTimeOffset? notBefore) || !TryReadTime(token, "iat", out issuedAt))
        {
            return TokenRejections.BadTime;
        }

        DateTimeOffset latest = now + rules.ClockSkew;
        return notBefore > latest || issuedAt > latest ? TokenRejections.NotYetValid
            : rules.MaxLifetime == TimeSpan.Zero ? null
            : issuedAt is null ? TokenRejections.NoIssuedAt
            : expiresAt - issuedAt > rules.MaxLifetime ? _lifetimeTooLong
            : null;
    }

    private TokenRejection? CheckParties(JsonWebToken token)
    {
        if (rules.Issuer.Length > 0 && !rules.Issuer.Equals(token.Issuer, StringComparison.Ordinal))
        {
            return TokenRejections.WrongIssuer;
        }

        return rules.Audience.Length > 0 && !token.Audiences.Contains(rules.Audience, StringComparer.Ordinal)
            ? TokenRejections.WrongAudience
            : null;
    }

    /// <returns>False when the claim is there and is no time; true with null when it is not there.</returns>
    private static bool TryReadTime(JsonWebToken token, string claim, out DateTimeOffset? time)
    {
        time = null;
        if (!token.TryGetPayloadValue(claim, out object? value))
        {
            return true;
        }

        double seconds = value switch
        {
            long number => number,
            int number => number,
            double number => number,
            decimal number => (double)number,
            _ => double.NaN,
        };
        if (!(seconds >= 0 && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds()))
        {
            return false;
        }

        time = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    private static bool TryReadScopes(JsonWebToken token, out string[] scopes)
    {
        scopes = [];
        if (!token.TryGetPayloadValue("scope", out object? value))
        {
            return true;
        }

        scopes = value is string text ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return value is string;
    }
}
