using System.Globalization;
using System.Text.Json;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Security;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>Why a request is not done, as RFC 9457 says it. Every error of this API has this form, whatever the client accepts.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The same codes as on the wire.</param>
/// <param name="Detail">What was wrong, what was expected, what to do.</param>
/// <param name="Which">The field or the limit.</param>
/// <param name="Allowed">The value of the limit.</param>
internal sealed record Problem(int Status, ErrorCode Code, string Detail, string? Which = null, long? Allowed = null)
{
    public const string ContentType = "application/problem+json";

    /// <summary>A shard has said it, and has counted it among the limits that were hit.</summary>
    public bool IsCounted { get; private init; }

    /// <summary>In seconds, when it makes sense to try again.</summary>
    public int? RetryAfter { get; private init; }

    private const string NothingHere = "There is nothing at this address. /openapi/v1.json lists what there is.";
    private const string OtherMethod = "This address does not know the method; 'Allow' lists those it knows.";
    private const string TooLong = "The body is too long. Ask for less in one request.";
    private const string TryAgain = "The server cannot answer now. Try again.";
    private const string Failed = "The server failed; that is not the client's fault. Try again later.";
    private const string NotJson = "The body must be JSON in UTF-8. Send 'Content-Type: application/json'.";

    public static Problem Invalid(string which, string detail) =>
        new(StatusCodes.Status400BadRequest, ErrorCode.InvalidArgument, detail, which);

    public static Problem Malformed(string detail) => new(StatusCodes.Status400BadRequest, ErrorCode.Malformed, detail, "body");

    /// <summary>A limit of one request: the same request is refused always.</summary>
    public static Problem Limit(string which, int allowed, string detail) =>
        new(StatusCodes.Status400BadRequest, ErrorCode.Limit, detail, which, allowed);

    /// <summary>Too much in too short a time: a moment later it is answered.</summary>
    public static Problem TooMany(string which, Rate rate) => new(
        StatusCodes.Status429TooManyRequests,
        ErrorCode.Limit,
        $"The limit {which} is {rate} for one user; nothing was answered. Ask about more users at once, or watch them over a connection.",
        which,
        rate.Count)
    {
        RetryAfter = (int)Math.Ceiling(rate.Per.TotalSeconds / rate.Count),
    };

    /// <summary>A limit that others of the same user use up: it may be free later.</summary>
    public static Problem InUse(string which, int allowed) => new(
        which == Protocol.LimitNames.StatusChanges ? StatusCodes.Status429TooManyRequests : StatusCodes.Status409Conflict,
        ErrorCode.Limit,
        $"The limit {which} is {allowed} for one user and is reached; nothing was done. End what is no longer needed, or try again later.",
        which,
        allowed)
    {
        IsCounted = true,
    };

    public static Problem Unavailable(string detail) => new(StatusCodes.Status503ServiceUnavailable, ErrorCode.Unavailable, detail);

    /// <summary>It cannot be said now, and before a time it makes no sense to ask again.</summary>
    public static Problem Unavailable(string detail, TimeSpan comeBackAfter) => Unavailable(detail) with { RetryAfter = (int)Math.Ceiling(comeBackAfter.TotalSeconds) };

    /// <summary>There is no room now.</summary>
    /// <param name="detail">For what.</param>
    /// <param name="comeBackAfterMs">The client's slot; told in whole seconds, not before it.</param>
    public static Problem Overloaded(string detail, uint comeBackAfterMs) =>
        new(StatusCodes.Status503ServiceUnavailable, ErrorCode.Overloaded, $"{detail} Try again after the time in 'Retry-After'.")
        {
            RetryAfter = (int)((comeBackAfterMs + 999) / 1_000),
        };

    /// <summary>A token that is not believed.</summary>
    public static Problem Of(TokenRejection rejection) =>
        new(StatusCodes.Status401Unauthorized, ErrorCode.Unauthenticated, rejection.Message, "token");

    /// <summary>What a shard says of a session that it refuses.</summary>
    public static Problem Of(Error error) => error.Code switch
    {
        ErrorCode.Limit => InUse(error.Which, (int)error.Allowed),
        ErrorCode.Overloaded => Overloaded(error.Message, error.ReconnectAfterMs),
        ErrorCode.Unauthenticated => new(StatusCodes.Status401Unauthorized, error.Code, error.Message, "token"),
        _ => new(StatusCodes.Status400BadRequest, error.Code, error.Message, error.Which.Length == 0 ? null : error.Which),
    };

    /// <summary>What stands behind a bare status of routing, of middleware or of Kestrel.</summary>
    public static Problem OfStatus(int status, string? detail) => status switch
    {
        StatusCodes.Status404NotFound => new(status, ErrorCode.Unsupported, detail ?? NothingHere),
        StatusCodes.Status405MethodNotAllowed => new(status, ErrorCode.Unsupported, detail ?? OtherMethod, "method"),
        StatusCodes.Status403Forbidden => new(status, ErrorCode.Forbidden, detail ?? "This is not yours to ask for."),
        StatusCodes.Status413PayloadTooLarge => new(status, ErrorCode.Limit, detail ?? TooLong, HttpLimits.BodyBytes),
        StatusCodes.Status503ServiceUnavailable => Unavailable(detail ?? TryAgain),
        >= 500 => new(status, ErrorCode.Internal, detail ?? Failed),
        StatusCodes.Status415UnsupportedMediaType => new(status, ErrorCode.Unsupported, detail ?? NotJson, "content-type"),
        StatusCodes.Status426UpgradeRequired or StatusCodes.Status406NotAcceptable =>
            new(status, ErrorCode.Unsupported, detail ?? "The request is not of a kind that this address serves."),
        _ => new(status, ErrorCode.InvalidArgument, detail ?? "The request cannot be served as it is."),
    };

    public ProblemBody ToBody()
    {
        string code = ErrorCodes.Name(Code);
        string type = $"urn:presence:error:{code.ToLowerInvariant().Replace('_', '-')}";
        return new ProblemBody(type, ErrorCodes.Title(Code), Status, Detail, code, Which, Allowed);
    }

    /// <summary>Answers with this problem. Nothing when the answer has begun: then there is no other way than to end it.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        if (Code == ErrorCode.Limit && !IsCounted)
        {
            http.RequestServices.GetRequiredService<NodeCounters>().Limits.Hit(Which!);
        }

        if (!http.Response.HasStarted)
        {
            http.Response.StatusCode = Status;
            http.Response.ContentType = ContentType;
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers.RetryAfter = RetryAfter?.ToString(CultureInfo.InvariantCulture);
            await JsonSerializer.SerializeAsync(http.Response.BodyWriter, ToBody(), HttpJson.Wire.ProblemBody, http.RequestAborted);
        }
    }
}
