using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Server.Tests.Links;

/// <summary>Gateways on a <see cref="Scene"/>.</summary>
internal static class LinkScene
{
    /// <summary>Several a silence, so that a late one is none.</summary>
    public static readonly TimeSpan BeatEvery = Scene.Interval / 4;

    /// <summary>Opens a link that ends with the scene.</summary>
    public static async Task<RawGateway> OpenAsync(this Scene scene, string id = "gateway-1", Action<GatewayHello>? change = null)
    {
        RawGateway gateway = await RawGateway.OpenAsync(scene.Server, id, change);
        scene.Keep(gateway.Client);
        return gateway;
    }

    /// <summary>Opens a link whose set is complete, and keeps these users up on it.</summary>
    public static async Task<RawGateway> OpenWithAsync(this Scene scene, string id, params ulong[] users)
    {
        RawGateway gateway = await scene.OpenAsync(id);
        await gateway.UpAsync(Status.Online, users);
        await gateway.CompleteAsync();
        gateway.KeepUp(BeatEvery, users);
        return gateway;
    }

    /// <summary>From the last sign of life to the transition, by the server's clock.</summary>
    public static TimeSpan Elapsed(PresenceEntry gone) => TimeSpan.FromMilliseconds((long)(gone.Version >> 16) - (long)gone.LastActiveMs);
}

