using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Connections;

/// <summary>Why a connection, or the try to make one, ended.</summary>
/// <param name="Code">What the server said; Unspecified when it said nothing.</param>
/// <param name="ReconnectAfter">The server's slot for this client; wins over the back-off.</param>
/// <param name="Reason">For people.</param>
/// <param name="Cause">The exception behind it, if one was.</param>
internal sealed record Ending(CloseCode Code, TimeSpan? ReconnectAfter, string Reason, Exception? Cause = null)
{
    /// <summary>The server told us to go, or closed.</summary>
    public static Ending Told(GoAway goAway, Error? said)
    {
        string reason = goAway.CloseCode == CloseCode.Unspecified ? "the server closed the connection"
            : $"the server closed the connection: {CloseCodes.Name(goAway.CloseCode)}";
        return new Ending(goAway.CloseCode, Slot(goAway, said), said is null ? reason : $"{reason}: {said.Message}");
    }

    /// <summary>Nobody told us: the network, the peer's death, or our own verdict.</summary>
    public static Ending Lost(string reason, Exception? cause = null) => new(CloseCode.Unspecified, null, reason, cause);

    private static TimeSpan? Slot(GoAway goAway, Error? said)
    {
        uint? after = goAway.HasReconnectAfterMs ? goAway.ReconnectAfterMs
            : said is { HasReconnectAfterMs: true } ? said.ReconnectAfterMs
            : null;
        return after is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }
}
