using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Presence.Server.Configuration;

namespace Presence.Server.Security;

/// <summary>TLS of the admin listener: both sides show a certificate, and ours are the only authorities for the client's.</summary>
internal static class AdminTls
{
    private const string Section = "Presence:Admin";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Whether it is configured; then no connection comes without it.</summary>
    public static bool IsOn(AdminConfiguration admin) => admin.ClientAuthorities.Length > 0;

    /// <exception cref="ConfigurationException">A certificate cannot be used.</exception>
    public static void Configure(HttpsConnectionAdapterOptions https, PresenceConfiguration configuration, DateTimeOffset now)
    {
        X509Certificate2Collection authorities = ReadAuthorities(configuration.Admin.ClientAuthorities);
        https.ServerCertificate = ListenerCertificate.Load(configuration.Admin.Certificate, configuration.DataDirectory, now, Section);
        https.SslProtocols = ListenerCertificate.Protocols;
        https.HandshakeTimeout = configuration.Session.HandshakeTimeout;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, chain, _) => IsTrusted(certificate, chain, authorities);
    }

    // Judged anew, by our authorities alone: what the platform's store trusts says nothing about who may administer.
    private static bool IsTrusted(X509Certificate2 certificate, X509Chain? sent, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        // Whoever is shut out is left out of the authorities; nobody is asked over the network while a handshake waits.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (X509ChainElement element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? authorities : throw Wrong("has no certificate in PEM");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Wrong($"cannot be read: {e.Message}");
        }

        ConfigurationException Wrong(string why) => new($"{Section}:ClientAuthorities", $"'{path}' {why}.");
    }
}
