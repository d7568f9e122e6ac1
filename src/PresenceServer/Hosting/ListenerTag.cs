using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Presence.Server.Hosting;

/// <summary>Set on every connection of the admin listener. Endpoints are process-wide; this, and not a header, says where a request came in.</summary>
internal sealed class AdminListenerFeature;

/// <summary>Marks an endpoint that answers on the admin listener and nowhere else. See <see cref="ListenerSeparation"/>.</summary>
internal sealed class AdminOnly;

internal static class ListenerTag
{
    /// <summary>Marks the connections of this listener as the admin's.</summary>
    public static void TagAsAdmin(this ListenOptions listener) => listener.Use(next => connection =>
    {
        connection.Features.Set(new AdminListenerFeature());
        return next(connection);
    });
}
