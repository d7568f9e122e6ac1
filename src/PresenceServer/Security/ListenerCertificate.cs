using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Presence.Server.Configuration;

namespace Presence.Server.Security;

/// <summary>The certificate of the TLS listener.</summary>
internal static class ListenerCertificate
{
    /// <summary>The file in the data directory that holds the certificate made in Development.</summary>
    public const string SelfSignedFileName = "self-signed.pfx";

    /// <summary>What is older has known holes, and nobody needs it any more.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private static readonly TimeSpan _selfSignedLifetime = TimeSpan.FromDays(365);

    /// <summary>
    /// The configured certificate; without one, a self-signed one for this machine from the data directory, made when missing or
    /// over.
    /// </summary>
    /// <param name="configuration">Where it is.</param>
    /// <param name="dataDirectory">Of the server.</param>
    /// <param name="now">By which it must be valid.</param>
    /// <param name="section">The section of the settings, for errors.</param>
    /// <exception cref="ConfigurationException">The configured one cannot be opened, has no private key or is over.</exception>
    public static X509Certificate2 Load(
        CertificateConfiguration configuration, string dataDirectory, DateTimeOffset now, string section = "Presence:Listen")
    {
        if (configuration.Path.Length == 0)
        {
            return LoadSelfSigned(Path.Combine(dataDirectory, SelfSignedFileName), now);
        }

        string pathKey = $"{section}:Certificate:Path";
        X509Certificate2 certificate = Open(configuration, pathKey);
        string? wrong = !certificate.HasPrivateKey ? $"has no private key; set {section}:Certificate:KeyPath for a PEM pair"
            : certificate.NotAfter < now.LocalDateTime ? $"was valid until {certificate.NotAfter.ToUniversalTime():u}"
            : null;
        return wrong is null ? certificate : throw new ConfigurationException(pathKey, $"'{configuration.Path}' {wrong}.");
    }

    private static X509Certificate2 Open(CertificateConfiguration configuration, string pathKey)
    {
        try
        {
            return configuration.KeyPath.Length == 0
                ? X509CertificateLoader.LoadPkcs12FromFile(configuration.Path, configuration.Password)
                : configuration.Password.Length == 0
                ? X509Certificate2.CreateFromPemFile(configuration.Path, configuration.KeyPath)
                : X509Certificate2.CreateFromEncryptedPemFile(configuration.Path, configuration.Password, configuration.KeyPath);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(
                pathKey, $"'{configuration.Path}' cannot be opened as a certificate with its key: {e.Message}");
        }
    }

    private static X509Certificate2 LoadSelfSigned(string path, DateTimeOffset now)
    {
        if (File.Exists(path))
        {
            X509Certificate2 existing = X509CertificateLoader.LoadPkcs12FromFile(path, null);
            if (existing.NotAfter > now.LocalDateTime)
            {
                return existing;
            }
        }

        SecretFile.Write(path, CreateSelfSigned(now), overwrite: true);
        return X509CertificateLoader.LoadPkcs12FromFile(path, null);
    }

    private static byte[] CreateSelfSigned(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Presence development", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now + _selfSignedLifetime);
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
