using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Presence.Server.Tests.Metrics;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Members that show each other certificates of one issuer understand each other; who has another is none.</summary>
[Collection(ClusterScene.Collection)]
public sealed class PeerSecurityTests : IDisposable
{
    private const ulong User = 7;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-certificates-");

    public void Dispose() => _folder.Delete(recursive: true);

    // By request, since it takes long (CONTRIBUTING.md).
    [Fact(Explicit = true)]
    public async Task With_certificates_of_one_issuer_nodes_are_members_and_a_stranger_is_not()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(2, $"Presence:Cluster:PeerCertificateFile={NewCertificate("ours")}");
        await Scrape.WaitAsync(scene[0], static scrape => scrape.Sum("presence_peer_streams") == 1);
        Watcher watcher = await scene.WatchAsync(0, User);
        await using RawClient client = await scene.ConnectAsync(1, User);
        await watcher.OnlineAsync(User);

        // It finds Redis, and is heard by nobody: so it takes nobody in.
        await using ServerProcess stranger = await ServerProcess.BeginAsync(
            [.. scene.SettingsOf("stranger", LoopbackPorts.Free()), $"Presence:Cluster:PeerCertificateFile={NewCertificate("theirs")}"]);
        await client.SetStatusAsync(1, Status.Busy);
        await watcher.HasAsync(User, Status.Busy);
        await Scene.UntilAsync(() => Task.FromResult(stranger.Output.Contains("no member for the moment", StringComparison.Ordinal)));
        Assert.DoesNotContain("Presence is ready", stranger.Output, StringComparison.Ordinal);
        Assert.Equal(0, await stranger.StopAsync());
        await ClusterScene.HasMembersAsync(scene[0], 2);
    }

    private string NewCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string path = Path.Combine(_folder.FullName, $"{name}.pem");
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return path;
    }
}
