using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class ListenerCertificateTests : IDisposable
{
    // Real time: the certificate store of the platform has no other.
    private static readonly DateTimeOffset _today = DateTimeOffset.UtcNow;
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Self_signed_certificate_is_made_once_and_again_when_it_is_over()
    {
        using X509Certificate2 made = Load(new CertificateConfiguration(), _today);
        using X509Certificate2 again = Load(new CertificateConfiguration(), _today.AddDays(300));
        using X509Certificate2 later = Load(new CertificateConfiguration(), _today.AddDays(366));

        Assert.True(made.HasPrivateKey);
        Assert.True(made.MatchesHostname("localhost"));
        Assert.True(made.MatchesHostname("127.0.0.1"));
        Assert.Equal(made.Thumbprint, again.Thumbprint);
        Assert.NotEqual(made.Thumbprint, later.Thumbprint);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory[ListenerCertificate.SelfSignedFileName]));
        }
    }

    [Fact]
    public void Configured_certificate_is_loaded_in_each_form()
    {
        using X509Certificate2 certificate = Create(_today.AddDays(1));
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllBytes(_directory["c.pfx"], certificate.Export(X509ContentType.Pkcs12, "sesame"));
        _directory.Write("c.pem", certificate.ExportCertificatePem());
        _directory.Write("k.pem", key.ExportPkcs8PrivateKeyPem());
        _directory.Write("e.pem", key.ExportEncryptedPkcs8PrivateKeyPem("sesame", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)));

        foreach (CertificateConfiguration configuration in new CertificateConfiguration[]
        {
            new() { Path = _directory["c.pfx"], Password = "sesame" },
            new() { Path = _directory["c.pem"], KeyPath = _directory["k.pem"] },
            new() { Path = _directory["c.pem"], KeyPath = _directory["e.pem"], Password = "sesame" },
        })
        {
            using X509Certificate2 loaded = Load(configuration, _today);
            Assert.Equal(certificate.Thumbprint, loaded.Thumbprint);
            Assert.True(loaded.HasPrivateKey);
        }
    }

    [Fact]
    public void Certificate_that_cannot_be_used_is_a_configuration_error()
    {
        using X509Certificate2 certificate = Create(_today.AddDays(1));
        File.WriteAllBytes(_directory["c.pfx"], certificate.Export(X509ContentType.Pkcs12, "sesame"));
        File.WriteAllBytes(_directory["open.pfx"], certificate.Export(X509ContentType.Pkcs12));

        Assert.Contains("cannot be opened", Refused("c.pfx", _today), StringComparison.Ordinal);
        Assert.Contains("cannot be opened", Refused("missing.pfx", _today), StringComparison.Ordinal);
        Assert.Contains("was valid until", Refused("open.pfx", _today.AddDays(2)), StringComparison.Ordinal);

        string Refused(string name, DateTimeOffset now) => Assert.Single(Assert.Throws<ConfigurationException>(
            () => Load(new CertificateConfiguration { Path = _directory[name] }, now)).Errors).ToString();
    }

    public void Dispose() => _directory.Dispose();

    private X509Certificate2 Load(CertificateConfiguration configuration, DateTimeOffset now) =>
        ListenerCertificate.Load(configuration, _directory.Path, now);

    private static X509Certificate2 Create(DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(_today.AddDays(-1), until);
    }
}
