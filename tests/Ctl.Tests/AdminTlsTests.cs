using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Presence.TestKit;

namespace Presence.Ctl.Tests;

/// <summary>An admin listener that other machines reach lets in who shows a certificate of its authorities, and nobody else.</summary>
public sealed class AdminTlsTests : IAsyncLifetime
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly string _directory = Directory.CreateTempSubdirectory("presence-tls-").FullName;
    private readonly X509Certificate2 _authority = Authority("CN=Operations");
    private readonly X509Certificate2 _other = Authority("CN=Somebody else");
    private ServerProcess _server = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path("ca.pem"), _authority.ExportCertificatePem());
        Write("server", _authority, ForServers);
        Write("operator", _authority, ForClients);
        Write("stranger", _other, ForClients);
        Write("website", _authority, ForServers);
        _server = await ServerProcess.StartAsync(
        [
            // Every interface: what loopback need not prove is proved here all the same.
            "Presence:Listen:Admin=0.0.0.0:0",
            $"Presence:Admin:Certificate:Path={Path("server.pem")}",
            $"Presence:Admin:Certificate:KeyPath={Path("server.key")}",
            $"Presence:Admin:ClientAuthorities={Path("ca.pem")}",
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        _other.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task An_operator_with_certificate_and_token_is_served()
    {
        CtlResult node = await CtlAsync("operator", "--data-directory", _server.DataDirectory);
        Assert.True(node.ExitCode == 0, node.Error);
        Assert.Contains("https://", _server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_does_not_stand_in_for_a_token()
    {
        CtlResult node = await CtlAsync("operator", "--token", TestTokens.For(_server, 1));
        Assert.Equal(1, node.ExitCode);
        Assert.Contains("presence:admin", node.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("stranger")]
    [InlineData("website")]
    public async Task Nobody_else_is_served_whatever_they_ask_for(string? certificate)
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync("/readyz", certificate, SslProtocols.None));
        CtlResult plain = await CtlProcess.RunAsync(["node", "--admin", _server.Admin.ToString(), "--data-directory", _server.DataDirectory]);
        Assert.Equal(1, plain.ExitCode);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Health_is_served_over_each_protocol_that_is_left(SslProtocols protocol) =>
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/readyz", "operator", protocol));

    [Fact]
    public async Task Without_certificates_no_other_machine_reaches_it()
    {
        (int code, string output) = await ServerProcess.RunToEndAsync([.. ServerProcess.Defaults(Path("data")), "Presence:Listen:Admin=0.0.0.0:0"]);
        Assert.Equal(2, code);
        Assert.Contains("a token alone does not protect it", output, StringComparison.Ordinal);
    }

    private string Path(string file) => System.IO.Path.Combine(_directory, file);

    private Task<CtlResult> CtlAsync(string certificate, params string[] credentials) => CtlProcess.RunAsync(
    [
        "node", "--admin", _server.Admin.ToString(), "--tls-ca", Path("ca.pem"), "--tls-certificate", Path($"{certificate}.pem"), "--tls-key", Path($"{certificate}.key"), .. credentials,
    ]);

    private async Task<HttpStatusCode> AskAsync(string path, string? certificate, SslProtocols protocol)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_authority);
        var tls = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, EnabledSslProtocols = protocol };
        if (certificate is not null)
        {
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(Path($"{certificate}.pem"), Path($"{certificate}.key"))];
        }

        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = tls, UseProxy = false });
        using HttpResponseMessage answer = await http.GetAsync(new Uri($"https://{_server.Admin}{path}"), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private void Write(string name, X509Certificate2 authority, string use)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        using X509Certificate2 certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path($"{name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
