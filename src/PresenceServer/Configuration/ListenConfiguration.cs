namespace Presence.Server.Configuration;

/// <summary>Where the node listens. Each value is <c>ADDRESS:PORT</c>, <c>:PORT</c> (every interface) or <c>off</c>.</summary>
internal sealed record ListenConfiguration
{
    /// <summary>The binary protocol in the clear. Loopback in Development: a machine of a developer is no server.</summary>
    [InDevelopment("127.0.0.1:7001")]
    public ListenAddress Tcp { get; init; } = ListenAddress.Parse("0.0.0.0:7001");

    /// <summary>The binary protocol over TLS. Off by default because it needs a certificate; <c>:7002</c> by convention.</summary>
    public ListenAddress Tls { get; init; } = ListenAddress.Off;

    /// <summary>
    /// A listener for WebSocket alone, at <c>/v1/connect</c>: the same to a client as that address on <see cref="Http"/>, which always works, at a fifth of
    /// the memory a connection. In the clear: a proxy in front ends TLS. Off, because few need it: <c>:8081</c> for tens of thousands of browsers.
    /// </summary>
    public ListenAddress WebSocket { get; init; } = ListenAddress.Off;

    /// <summary>HTTP, SSE and WebSocket. Every interface, as the usual place of an HTTP service behind a proxy.</summary>
    public ListenAddress Http { get; init; } = ListenAddress.Parse(":8080");

    /// <summary>
    /// Health, metrics and the admin service (gRPC-Web), all over HTTP/1.1. Loopback: anywhere else it wants certificates of both sides
    /// (<see cref="AdminConfiguration"/>).
    /// </summary>
    public ListenAddress Admin { get; init; } = ListenAddress.Parse("127.0.0.1:9090");

    public CertificateConfiguration Certificate { get; init; } = new();
}

/// <summary>
/// The certificate of <see cref="ListenConfiguration.Tls"/>: a PKCS#12 file, or a PEM pair. None in Development: a self-signed one is
/// made in the data directory; none in Production: an error.
/// </summary>
internal sealed record CertificateConfiguration
{
    /// <summary>
    /// A PKCS#12 file (<c>.pfx</c>, <c>.p12</c>), or the PEM certificate chain when <see cref="KeyPath"/> is set. Empty by default.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>The PEM private key of a PEM certificate. Empty by default: <see cref="Path"/> is PKCS#12.</summary>
    public string KeyPath { get; init; } = "";

    /// <summary>Opens the PKCS#12 file or the encrypted PEM key. Empty by default.</summary>
    [Secret]
    public string Password { get; init; } = "";
}
