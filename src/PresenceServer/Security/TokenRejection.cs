namespace Presence.Server.Security;

/// <summary>Why a token was refused; for metrics and for the choice of a close code.</summary>
internal enum TokenRejectionReason
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>Longer than the limit; it was not parsed.</summary>
    TooLong,

    /// <summary>Not three parts of base64url with JSON in the first two, or a claim of the wrong type.</summary>
    Malformed,

    /// <summary>Its <c>alg</c> is not on the allow-list; <c>none</c> never is.</summary>
    AlgorithmNotAllowed,

    /// <summary>Its <c>typ</c> says that it is something else than an access token.</summary>
    WrongType,

    /// <summary>No key fits its <c>alg</c> and <c>kid</c>, and none that may still come.</summary>
    UnknownKey,

    /// <summary>No key set was read yet, or none since the token's key was first asked for: our trouble, not the client's. It may come back.</summary>
    KeysUnavailable,

    /// <summary>The signature is none of the key's.</summary>
    BadSignature,

    /// <summary>Its <c>exp</c> is over: come back with a new one.</summary>
    Expired,

    /// <summary>Its <c>nbf</c> or <c>iat</c> is in the future.</summary>
    NotYetValid,

    /// <summary>It was good, and somebody has taken that back: it, its user, or all that were issued before a time.</summary>
    Revoked,

    /// <summary>It lives longer than the configuration allows, or does not say since when.</summary>
    LifetimeTooLong,

    /// <summary>Its <c>iss</c> is not the configured one.</summary>
    WrongIssuer,

    /// <summary>Its <c>aud</c> does not have the configured one.</summary>
    WrongAudience,

    /// <summary>Its <c>sub</c> is not a user id.</summary>
    BadSubject,

    /// <summary>It is valid, and what was asked needs a scope that it does not have.</summary>
    MissingScope,
}

/// <summary>A refusal.</summary>
/// <param name="Reason">For machines.</param>
/// <param name="Message">For people; never has anything of the token in it, so it may be logged and sent.</param>
internal sealed record TokenRejection(TokenRejectionReason Reason, string Message)
{
    /// <summary>With <see cref="TokenRejectionReason.KeysUnavailable"/>: how long until the keys are read again.</summary>
    public TimeSpan UntilRead { get; init; }
}
