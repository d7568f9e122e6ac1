using System.Net;
using StackExchange.Redis;

namespace Presence.Server.Configuration;

/// <summary>What a member of a cluster needs to be told, and told right.</summary>
internal static class ClusterRelations
{
    private const int LongestNodeId = 64;

    public static IEnumerable<ConfigurationError> Check(RelationContext context)
    {
        ClusterConfiguration cluster = context.Value.Cluster;
        if (cluster.NodeId.Length > LongestNodeId)
        {
            yield return new("Presence:Cluster:NodeId", $"is longer than {LongestNodeId} characters.");
        }

        if (cluster.IsMember() && Problem(cluster.Redis) is { } problem)
        {
            yield return new("Presence:Cluster:Redis", problem);
        }

        if (cluster.PeerAddress.Length > 0 && !IsPeerAddress(cluster.PeerAddress))
        {
            yield return new(
                "Presence:Cluster:PeerAddress", $"'{cluster.PeerAddress}' is not an address that other nodes can reach; expected ip:port, with the address of this machine, such as 10.0.0.5:{ClusterConfiguration.DefaultPeerPort}.");
        }

        if (cluster.StreamPort > 0 && cluster.StreamPort == PeerPort(cluster.PeerAddress))
        {
            yield return new("Presence:Cluster:StreamPort", $"{cluster.StreamPort} is the port of Presence:Cluster:PeerAddress too; name another, or 0 for any that is free.");
        }

        if (cluster.PeerCertificateFile.Length > 0 && !File.Exists(cluster.PeerCertificateFile))
        {
            yield return new("Presence:Cluster:PeerCertificateFile", $"there is no file '{cluster.PeerCertificateFile}'; name a PEM file with a certificate and its key.");
        }

        if (cluster.IsMember() && context.Development && !context.Value.Auth.NamesKeys())
        {
            yield return new("Presence:Auth:SigningKeyFile", "is empty, so this node would make a key of its own, and the members of a cluster have to believe the same tokens: give all of them the same key file, or a key set.");
        }
    }

    private static int PeerPort(string text) => text.Length == 0 ? ClusterConfiguration.DefaultPeerPort : IPEndPoint.TryParse(text, out IPEndPoint? address) ? address.Port : 0;

    private static bool IsPeerAddress(string text) =>
        IPEndPoint.TryParse(text, out IPEndPoint? address) && address.Port > 0 && !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any);

    private static string? Problem(string redis)
    {
        try
        {
            return ConfigurationOptions.Parse(redis).EndPoints.Count > 0 ? null : "names no address; expected host:port[,…].";
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // What it says may repeat a password.
            return "cannot be read; expected host:port[,…], then options such as password=…, each behind a comma.";
        }
    }
}
