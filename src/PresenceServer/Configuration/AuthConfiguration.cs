namespace Presence.Server.Configuration;

/// <summary>Whose tokens are believed. At least one source of keys is needed; in Development a key is made when there is none.</summary>
internal sealed record AuthConfiguration
{
    /// <summary>
    /// A file with an HS256 secret (base64 or base64url of at least 32 bytes) or a PEM public key (RS256 or ES256). Empty by default;
    /// in Development without any source of keys, <c>signing-key</c> in the data directory is used and made when missing.
    /// </summary>
    public string SigningKeyFile { get; init; } = "";

    /// <summary>A JSON Web Key Set in a file, read again when it changes: keys are rotated without a restart. Empty by default.</summary>
    public string JwksFile { get; init; } = "";

    /// <summary>
    /// A JSON Web Key Set behind https (or http to this machine), fetched in the background. When it is down, the keys last seen stay in
    /// use. Empty by default.
    /// </summary>
    public string JwksUrl { get; init; } = "";

    /// <summary>
    /// How often the key set is read again. 5 min, 1 s to 1 day; a token with an unknown key id asks for it sooner, at most every 10 s.
    /// </summary>
    [Between("00:00:01", "1.00:00:00")]
    public TimeSpan JwksRefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What <c>iss</c> must be. Empty, the default, does not look at it.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What <c>aud</c> must contain. Empty, the default, does not look at it.</summary>
    public string Audience { get; init; } = "";

    /// <summary>
    /// The signature algorithms that are accepted at all, separated by commas. All three that are known: which one a token may use is
    /// decided by its key, never by the token.
    /// </summary>
    public IReadOnlyList<string> Algorithms { get; init; } = ["HS256", "RS256", "ES256"];

    /// <summary>
    /// The longest lifetime that is accepted, from <c>iat</c>, which a token then must have, to <c>exp</c>. 0, the default, accepts any: the issuer decides how
    /// long its tokens live, and a session ends with its token. Set it to refuse tokens that were made to last, and to have revocations forgotten by themselves when
    /// no token they concern can be valid any more.
    /// </summary>
    [Between("00:00:00", "36500.00:00:00")]
    public TimeSpan MaxTokenLifetime { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How far the issuer's clock may be ahead of ours (<c>nbf</c>, <c>iat</c>). 5 s, 0 to 60 s. <c>exp</c> is judged without it: a
    /// session ends at <c>exp</c> exactly, so accepting a token after it would only open a session to close it.
    /// </summary>
    [Between("00:00:00", "00:01:00")]
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A list of revocations in a file, beside those made with presencectl; the format is in docs/security.md. Read again when it changes; one that cannot be
    /// read leaves the last good one in force, at the start it ends the process. Empty by default.
    /// </summary>
    public string RevocationFile { get; init; } = "";

    /// <summary>The same behind https (or http to this machine). Empty by default.</summary>
    public string RevocationUrl { get; init; } = "";

    /// <summary>How often that list is read again. 5 s, 1 s to 1 day: what is revoked there holds that much later, and 1 s.</summary>
    [Between("00:00:01", "1.00:00:00")]
    public TimeSpan RevocationRefreshInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Keys of an issuer that signs with what only it has.</summary>
    public bool HasPublicKeys() => JwksFile.Length + JwksUrl.Length > 0;

    /// <summary>True when at least one source of keys is named.</summary>
    public bool NamesKeys() => SigningKeyFile.Length + JwksFile.Length + JwksUrl.Length > 0;
}
