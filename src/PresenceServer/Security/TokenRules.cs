using Presence.Server.Configuration;

namespace Presence.Server.Security;

/// <summary>What a token must be, besides signed.</summary>
/// <param name="MaxBytes">A longer one is refused unparsed.</param>
/// <param name="Algorithms">The allow-list.</param>
/// <param name="Issuer">The <c>iss</c> it must have; empty: any.</param>
/// <param name="Audience">What its <c>aud</c> must have; empty: any.</param>
/// <param name="ClockSkew">How far <c>nbf</c> and <c>iat</c> may be ahead.</param>
/// <param name="MaxLifetime">The longest from <c>iat</c> to <c>exp</c>; 0: any.</param>
internal sealed record TokenRules(
    int MaxBytes, IReadOnlyList<string> Algorithms, string Issuer, string Audience, TimeSpan ClockSkew, TimeSpan MaxLifetime)
{
    public static TokenRules From(PresenceConfiguration configuration) => new(
        configuration.Limits.TokenBytes,
        configuration.Auth.Algorithms,
        configuration.Auth.Issuer,
        configuration.Auth.Audience,
        configuration.Auth.ClockSkew,
        configuration.Auth.MaxTokenLifetime);
}
