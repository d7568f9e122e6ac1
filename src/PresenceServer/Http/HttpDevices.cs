using Presence.Server.Hosting;

namespace Presence.Server.Http;

/// <summary>The devices a user has over HTTP: one for its leases, and one for each of its streams.</summary>
internal static class HttpDevices
{
    /// <summary>The device of leases.</summary>
    public const string Lease = "http";

    /// <summary>The device of a stream of that name.</summary>
    public static string OfStream(string name) => $"{Lease}/{name}";

    /// <summary>
    /// What the engine knows an HTTP device by. Binary clients choose any device id, also one of these: with all bits inverted (but the
    /// lowest, which is always set) the key of a name here is never the key of the same name there.
    /// </summary>
    public static ulong KeyOf(this ShardSet shards, string device) => ~shards.DeviceKey(device) | 1;
}
