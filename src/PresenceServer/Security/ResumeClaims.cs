namespace Presence.Server.Security;

/// <summary>What a resume token says. A view: the spans are parts of the token it was read from.</summary>
internal readonly ref struct ResumeClaims
{
    /// <summary>1 … 2^63−1.</summary>
    public required ulong UserId { get; init; }

    /// <summary>The session the token was given to; a new one of the same device must have a higher id.</summary>
    public required ulong SessionId { get; init; }

    /// <summary>UTF-8, 1 to 255 bytes.</summary>
    public required ReadOnlySpan<byte> DeviceId { get; init; }

    /// <summary>
    /// The <c>jti</c> of the JWT in UTF-8, at most 255 bytes, so that revoking it reaches this token;
    /// empty when it has none.
    /// </summary>
    public required ReadOnlySpan<byte> TokenId { get; init; }

    /// <summary>The <c>iat</c> of the JWT in Unix seconds; 0 when it has none.</summary>
    public required long IssuedAt { get; init; }

    /// <summary>The <c>exp</c> of the JWT in Unix seconds; the resume token is valid until then.</summary>
    public required long ExpiresAt { get; init; }
}

/// <summary>Why a resume token was refused. Each means: show a JWT.</summary>
internal enum ResumeRejection
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>Too short, too long, of another version, or its lengths do not add up.</summary>
    Malformed,

    /// <summary>Its secret is two rotations old, or another server's.</summary>
    UnknownKey,

    /// <summary>It was not made here, or was changed.</summary>
    BadSignature,

    /// <summary>The JWT it was made for has expired.</summary>
    Expired,
}
