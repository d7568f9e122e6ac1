using System.Security.Cryptography.X509Certificates;
using Orleans.Hosting;
using Presence.Server.Configuration;

namespace Presence.Server.Cluster;

/// <summary>Certificates between nodes: each shows its own and takes another only if the same issuer stands behind both, or if it is the very same.</summary>
internal static class PeerSecurity
{
    public static Action<ISiloBuilder> Of(ClusterConfiguration cluster)
    {
        if (cluster.PeerCertificateFile.Length == 0)
        {
            return static _ => { };
        }

        X509Certificate2 own = Load(cluster.PeerCertificateFile);
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(cluster.PeerCertificateFile);
        return silo => silo.UseTls(own, tls =>
        {
            tls.RemoteCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
            tls.ClientCertificateMode = Orleans.Connections.Security.RemoteCertificateMode.RequireCertificate;
            tls.RemoteCertificateValidation = (other, _, _) => IsOfUs(other, own, chain);
            tls.OnAuthenticateAsClient = (_, client) => client.TargetHost = own.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        });
    }

    private static X509Certificate2 Load(string file)
    {
        using X509Certificate2 read = X509Certificate2.CreateFromPemFile(file, file);
        // A key that is in memory alone is no key to the handshakes of some systems.
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    // Names are no matter: who has a certificate of the cluster's issuer is a member's machine.
    private static bool IsOfUs(X509Certificate2? other, X509Certificate2 own, X509Certificate2Collection issuers)
    {
        if (other is null)
        {
            return false;
        }

        if (other.RawData.AsSpan().SequenceEqual(own.RawData))
        {
            return true;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(issuers);
        return chain.Build(other);
    }
}
