using System.Diagnostics.CodeAnalysis;
using Presence.Server.Security;
using Presence.Server.Transport;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>Who sends a request: the <c>sub</c> of the JWT in its Authorization header (RFC 6750).</summary>
internal sealed class BearerToken(TokenValidator tokens)
{
    private const string Scheme = "Bearer ";

    /// <summary>Judges the token. A refusal names its challenge in the answer's headers.</summary>
    public bool TryRead(HttpContext http, [NotNullWhen(true)] out TokenIdentity? caller, [NotNullWhen(false)] out Problem? problem)
    {
        problem = tokens.TryValidate(TokenOf(http.Request.Headers.Authorization), out caller, out TokenRejection? rejection)
            ? null
            : Refuse(http, rejection);
        if (problem is null)
        {
            http.Features.Get<Stranger>()?.IsKnown();
        }

        return problem is null;
    }

    /// <summary>A <c>user_id</c> in a request must be the caller's own: nobody speaks for another.</summary>
    public static Problem? CheckOwn(TokenIdentity caller, ulong? userId) => userId is null || userId == caller.UserId
        ? null
        : new(
            StatusCodes.Status403Forbidden,
            ErrorCode.Forbidden,
            "user_id is not the token's sub. Leave it out, or send the token of that user.",
            "user_id");

    private static string? TokenOf(string? header) =>
        header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;

    private static Problem Refuse(HttpContext http, TokenRejection rejection)
    {
        if (rejection.Reason == TokenRejectionReason.KeysUnavailable)
        {
            http.Response.Headers.RetryAfter = DecimalText.Of((ulong)Math.Ceiling(rejection.UntilRead.TotalSeconds) + 1);
            return Problem.Unavailable(rejection.Message);
        }

        const string Challenge = "Bearer realm=\"presence\"";
        bool missing = rejection.Reason == TokenRejectionReason.Missing;
        http.Response.Headers.WWWAuthenticate = missing ? Challenge : $"{Challenge}, error=\"invalid_token\"";
        string detail = missing
            ? "There is no token. Send 'Authorization: Bearer' and a JWT whose sub is your user id."
            : rejection.Message;
        return new(StatusCodes.Status401Unauthorized, ErrorCode.Unauthenticated, detail, "token");
    }
}
