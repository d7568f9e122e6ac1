using Presence.V1;

namespace Presence.Server.Http;

/// <summary>The error codes of the wire as HTTP names them: as in the protocol's files, without the prefix.</summary>
internal static class ErrorCodes
{
    public static string Name(ErrorCode code) => code switch
    {
        ErrorCode.Malformed => "MALFORMED",
        ErrorCode.Unsupported => "UNSUPPORTED",
        ErrorCode.Limit => "LIMIT",
        ErrorCode.Unauthenticated => "UNAUTHENTICATED",
        ErrorCode.InvalidArgument => "INVALID_ARGUMENT",
        ErrorCode.OutOfOrder => "OUT_OF_ORDER",
        ErrorCode.Unavailable => "UNAVAILABLE",
        ErrorCode.Overloaded => "OVERLOADED",
        ErrorCode.Forbidden => "FORBIDDEN",
        ErrorCode.Gone => "GONE",
        _ => "INTERNAL",
    };

    /// <summary>The same for every occurrence, as RFC 9457 wants titles.</summary>
    public static string Title(ErrorCode code) => code switch
    {
        ErrorCode.Malformed => "The body cannot be read",
        ErrorCode.Unsupported => "Not served here",
        ErrorCode.Limit => "A limit would be exceeded",
        ErrorCode.Unauthenticated => "The token is missing or not accepted",
        ErrorCode.InvalidArgument => "A value is not allowed",
        ErrorCode.OutOfOrder => "Not allowed now",
        ErrorCode.Unavailable => "Not available at the moment",
        ErrorCode.Overloaded => "Too much at the moment",
        ErrorCode.Forbidden => "Not yours",
        ErrorCode.Gone => "Not kept any more",
        _ => "The server failed",
    };
}
