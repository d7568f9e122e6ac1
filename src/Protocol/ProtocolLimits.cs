namespace Presence.Protocol;

/// <summary>
/// What the protocol itself fixes. A server may be configured below or beside some of these; what holds on a connection is in
/// <c>Welcome.limits</c>.
/// </summary>
public static class ProtocolLimits
{
    /// <summary>The <c>protocol_version</c> of this package.</summary>
    public const uint ProtocolVersion = 1;

    /// <summary>The WebSocket subprotocol, and the ALPN name where a client sends one.</summary>
    public const string Subprotocol = "presence.v1";

    /// <summary>Largest payload of one frame in bytes, both ways, without the length in front of it.</summary>
    public const int MaxFrameBytes = 64 * 1024;

    /// <summary>Largest payload of one frame that a gateway sends on its link, in bytes.</summary>
    public const int MaxLinkFrameBytes = 1024 * 1024;

    /// <summary>User ids in one frame of a gateway link.</summary>
    public const int MaxLinkIds = 50_000;

    /// <summary>Shortest gateway id in UTF-8 bytes.</summary>
    public const int MinGatewayIdBytes = 1;

    /// <summary>Longest gateway id in UTF-8 bytes.</summary>
    public const int MaxGatewayIdBytes = 64;

    /// <summary>User ids in one Watch, Unwatch or Query.</summary>
    public const int MaxIdsPerRequest = 1_000;

    /// <summary>Watches of one session unless configured otherwise.</summary>
    public const int DefaultWatches = 1_000;

    /// <summary>The most watches of one session that can be configured.</summary>
    public const int MaxWatches = 10_000;

    /// <summary>Live devices of one user.</summary>
    public const int MaxDevices = 16;

    /// <summary>Shortest device id in UTF-8 bytes.</summary>
    public const int MinDeviceIdBytes = 1;

    /// <summary>Longest device id in UTF-8 bytes.</summary>
    public const int MaxDeviceIdBytes = 64;

    /// <summary>Longest client name in UTF-8 bytes.</summary>
    public const int MaxClientNameBytes = 64;

    /// <summary>Longest status text in UTF-8 bytes.</summary>
    public const int MaxStatusTextBytes = 128;

    /// <summary>A version of a client that is further ahead of the server's clock than this, in milliseconds, counts as 0.</summary>
    public const int MaxVersionAheadMs = 5_000;
}
