using System.Collections.Frozen;
using System.Text;
using Presence.Server.Configuration;

namespace Presence.Server.Security;

/// <summary>
/// Which web pages may speak to this server. A browser sends the origin of the page that asks; a WebSocket is not kept from other pages by the browser itself, so it is
/// kept from them here (cross-site WebSocket hijacking). Who sends no origin is no browser.
/// </summary>
internal sealed class BrowserOrigins(PresenceConfiguration configuration)
{
    private readonly FrozenSet<string> _allowed = configuration.Http.AllowedOrigins.ToFrozenSet(StringComparer.Ordinal);

    public bool AllowsAny => _allowed.Contains(HttpConfiguration.AnyOrigin);

    /// <param name="origin">As it was sent, all of it; null when it was not.</param>
    public bool Allows(string? origin) => origin is null || AllowsAny || _allowed.Contains(origin);

    /// <inheritdoc cref="Allows(string?)"/>
    public bool Allows(ReadOnlySpan<byte> origin) => AllowsAny || _allowed.Contains(Encoding.Latin1.GetString(origin));
}
