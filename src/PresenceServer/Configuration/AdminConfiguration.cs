namespace Presence.Server.Configuration;

/// <summary>
/// TLS with certificates of both sides on the admin listener. Needed where it is not bound to loopback: what a token opens there is everything, and a token alone can
/// be read on its way. With it every connection must show a certificate, for health pages too.
/// </summary>
internal sealed record AdminConfiguration
{
    public CertificateConfiguration Certificate { get; init; } = new();

    /// <summary>A PEM file of the authorities whose client certificates are accepted; no others are, whatever the machine trusts. Empty by default.</summary>
    public string ClientAuthorities { get; init; } = "";
}
