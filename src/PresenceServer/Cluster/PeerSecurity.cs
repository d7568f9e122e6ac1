using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orleans.Hosting;
using Presence.Server.Configuration;

namespace Presence.Server.Cluster;

/// <summary>Certificates between nodes: each shows its own and takes another only if the same issuer stands behind both, or if it is the very same. Without one they speak in clear.</summary>
internal sealed class PeerSecurity
{
    private readonly X509Certificate2? _own;
    private readonly X509Certificate2Collection _chain = [];

    public PeerSecurity(ClusterConfiguration cluster)
    {
        if (cluster.PeerCertificateFile.Length > 0)
        {
            _own = Load(cluster.PeerCertificateFile);
            _chain.ImportFromPemFile(cluster.PeerCertificateFile);
        }
    }

    /// <summary>The calls between silos.</summary>
    public void Secure(ISiloBuilder silo)
    {
        if (_own is not { } own)
        {
            return;
        }

        silo.UseTls(own, tls =>
        {
            tls.RemoteCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
            tls.ClientCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
            tls.RemoteCertificateValidation = (other, _, _) => IsOfUs(other);
            tls.OnAuthenticateAsClient = (_, client) => client.TargetHost = NameOf(own);
        });
    }

    /// <summary>A connection that another node has opened. Blocks.</summary>
    /// <exception cref="Exception">It is none of us, or did not say in time. The connection is closed.</exception>
    public Stream AsServer(Stream connection) => Secure(connection, (tls, own) => tls.AuthenticateAsServer(
        new SslServerAuthenticationOptions { ServerCertificate = own, ClientCertificateRequired = true, CertificateChainPolicy = Policy(), RemoteCertificateValidationCallback = (_, other, _, _) => IsOfUs(other) }));

    /// <summary>A connection to another node. Blocks.</summary>
    /// <exception cref="Exception">As of the other.</exception>
    public Stream AsClient(Stream connection) => Secure(connection, (tls, own) => tls.AuthenticateAsClient(
        new SslClientAuthenticationOptions { TargetHost = NameOf(own), ClientCertificates = [own], CertificateChainPolicy = Policy(), RemoteCertificateValidationCallback = (_, other, _, _) => IsOfUs(other) }));

    private Stream Secure(Stream connection, Action<SslStream, X509Certificate2> authenticate)
    {
        if (_own is null)
        {
            return connection;
        }

        var tls = new SslStream(connection);
        try
        {
            authenticate(tls, _own);
            return tls;
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    private static string NameOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static X509Certificate2 Load(string file)
    {
        using X509Certificate2 read = X509Certificate2.CreateFromPemFile(file, file);
        // A key that is in memory alone is no key to the handshakes of some systems.
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    // Names are no matter: who has a certificate of the cluster's issuer is a member's machine.
    private bool IsOfUs(X509Certificate? shown)
    {
        if (shown is not X509Certificate2 other)
        {
            return false;
        }

        if (other.RawData.AsSpan().SequenceEqual(_own!.RawData))
        {
            return true;
        }

        using var chain = new X509Chain { ChainPolicy = Policy() };
        return chain.Build(other);
    }

    // What a stranger shows may name addresses to fetch more from: nothing is.
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(_chain);
        return policy;
    }
}
