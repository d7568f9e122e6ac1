using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Presence.Engine;
using Presence.Server.Security.Revoking;

namespace Presence.Server.Security;

/// <summary>
/// Decides whether a JWT is believed. Thread-safe, never waits, fetches nothing: not at all what a token names (<c>jku</c>,
/// <c>x5u</c>, <c>jwk</c>), which is never read. Costs a signature check: not for a shard's thread.
/// </summary>
/// <remarks>
/// The handler of the library validates asynchronously, builds a claims identity and reports by exceptions; here every refusal has one
/// reason and costs no exception once the token has the shape of one. Its parser and its signature providers do the work.
/// </remarks>
internal sealed class TokenValidator(KeyRing keys, TokenRules rules, TimeProvider time, RevocationRegister? revocations = null)
{
    private readonly TokenRejection _tooLong = new(TokenRejectionReason.TooLong, $"The token is longer than {rules.MaxBytes} bytes.");
    private readonly TokenRejection _algorithmNotAllowed = new(
        TokenRejectionReason.AlgorithmNotAllowed, $"The token's 'alg' is not one of {string.Join(", ", rules.Algorithms)}.");

    // Without revocations there is nothing that can be revoked, as with the keys of this machine.
    private readonly TokenClaims _claims = new(rules, revocations);

    /// <summary>How often it refused a token, and why.</summary>
    public Tally<TokenRejectionReason> Rejected { get; } = new();

    /// <summary>Whether a token is one at all: anything else is refused for the price of a scan, whenever it is judged.</summary>
    public bool IsToken(string? token) => CheckShape(token, out _) is null;

    /// <summary>Judges a token by the time of now.</summary>
    public bool TryValidate(
        string? token, [NotNullWhen(true)] out TokenIdentity? identity, [NotNullWhen(false)] out TokenRejection? rejection)
    {
        rejection = Judge(token, out identity);
        if (rejection is not null)
        {
            Rejected.Add(rejection.Reason);
            identity = null;
        }

        return rejection is null;
    }

    /// <summary>
    /// Whose a token was whose only fault is that it has expired. It opens nothing: it may stand beside something that is still valid for the same user.
    /// </summary>
    public bool IsExpiredTokenOf(ulong userId, string token) =>
        Judge(token, out TokenIdentity? identity)?.Reason == TokenRejectionReason.Expired && identity?.UserId == userId;

    private TokenRejection? Judge(string? token, out TokenIdentity? identity)
    {
        identity = null;
        return CheckShape(token, out int signatureStart)
            ?? Parse(token!, out JsonWebToken? parsed)
            ?? CheckHeader(parsed!)
            ?? CheckSignature(token!, signatureStart, parsed!)
            ?? _claims.Read(parsed!, time.GetUtcNow(), out identity);
    }

    private TokenRejection? CheckShape(string? token, out int signatureStart)
    {
        signatureStart = 0;
        return string.IsNullOrEmpty(token) ? TokenRejections.Missing
            : token.Length > rules.MaxBytes ? _tooLong
            : TokenShape.IsSigned(token, out signatureStart) ? null
            : TokenRejections.Malformed;
    }

    private static TokenRejection? Parse(string token, out JsonWebToken? parsed)
    {
        try
        {
            parsed = new JsonWebToken(token);
            return null;
        }
        // The library documents ArgumentException and SecurityTokenException; the others come from the decoders below it.
        catch (Exception e) when (
            e is ArgumentException or SecurityTokenException or JsonException or FormatException or InvalidOperationException)
        {
            parsed = null;
            return TokenRejections.Malformed;
        }
    }

    private TokenRejection? CheckHeader(JsonWebToken token)
    {
        if (!rules.Algorithms.Contains(token.Alg, StringComparer.Ordinal))
        {
            return _algorithmNotAllowed;
        }

        return token.TryGetHeaderValue("crit", out object? _) ? TokenRejections.Critical
            : IsAccessToken(token.Typ) ? null
            : TokenRejections.UnknownType;
    }

    // RFC 9068 has at+jwt; most issuers say JWT or nothing. An id or logout token of the same issuer is refused.
    private static bool IsAccessToken(string? type) =>
        string.IsNullOrEmpty(type)
        || type.Equals("JWT", StringComparison.OrdinalIgnoreCase)
        || type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase)
        || type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase);

    private TokenRejection? CheckSignature(string token, int signatureStart, JsonWebToken parsed)
    {
        VerificationKeys current = keys.Current;
        switch (Verify(current, token, signatureStart, parsed))
        {
            case true:
                return null;
            case false:
                return TokenRejections.BadSignature;
            default:
                return keys.Await(parsed.Kid) is { } untilRead
                    ? (current.Count == 0 ? TokenRejections.KeysUnavailable : TokenRejections.KeyAwaited) with { UntilRead = untilRead }
                    : TokenRejections.UnknownKey;
        }
    }

    private static bool? Verify(VerificationKeys current, string token, int signatureStart, JsonWebToken parsed)
    {
        byte[] content = ArrayPool<byte>.Shared.Rent(token.Length);
        byte[] signature = ArrayPool<byte>.Shared.Rent(Base64Url.GetMaxDecodedLength(token.Length - signatureStart));
        try
        {
            int contentLength = Encoding.ASCII.GetBytes(token.AsSpan(0, signatureStart - 1), content);
            if (!TryDecode(token.AsSpan(signatureStart), signature, out int signatureLength))
            {
                return false;
            }

            string? keyId = string.IsNullOrEmpty(parsed.Kid) ? null : parsed.Kid;
            return current.Verify(parsed.Alg, keyId, content, contentLength, signature, signatureLength);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
            ArrayPool<byte>.Shared.Return(signature);
        }
    }

    // One signature, one spelling: the decoder refuses a last character whose unused bits are not zero.
    private static bool TryDecode(ReadOnlySpan<char> text, byte[] decoded, out int length) =>
        Base64Url.DecodeFromChars(text, decoded, out _, out length) == OperationStatus.Done;
}
