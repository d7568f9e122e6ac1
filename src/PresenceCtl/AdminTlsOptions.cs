using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Presence.Server.Security;

namespace Presence.Ctl;

/// <summary>How to speak to an admin listener that wants certificates of both sides, as one that is not on loopback does.</summary>
internal sealed class AdminTlsOptions
{
    private readonly Option<string> _authority = new("--tls-ca")
    {
        Description = "Speak TLS; the PEM file of the authority that the server's certificate is of.",
    };

    private readonly Option<string> _certificate = new("--tls-certificate") { Description = "The PEM file of the client's certificate." };

    private readonly Option<string> _key = new("--tls-key") { Description = "The PEM file of its private key." };

    public void AddTo(Command command)
    {
        command.Options.Add(_authority);
        command.Options.Add(_certificate);
        command.Options.Add(_key);
        command.Validators.Add(CheckTogether);
    }

    /// <returns>Null: no TLS.</returns>
    /// <exception cref="KeyFormatException">A file cannot be read.</exception>
    public SslClientAuthenticationOptions? Read(ParseResult parse) => parse.GetValue(_authority) is { } authority
        ? Read(authority, parse.GetValue(_certificate)!, parse.GetValue(_key)!)
        : null;

    private static SslClientAuthenticationOptions Read(string authority, string certificate, string key)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(authority);
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            return new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, key)],
            };
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new KeyFormatException($"A certificate cannot be read: {e.Message}", e);
        }
    }

    private void CheckTogether(CommandResult command)
    {
        int given = new Option[] { _authority, _certificate, _key }.Count(option => command.GetResult(option) is not null);
        if (given is not (0 or 3))
        {
            command.AddError("--tls-ca, --tls-certificate and --tls-key go together.");
        }
    }
}
