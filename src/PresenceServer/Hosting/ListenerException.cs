using System.Net;
using System.Net.Sockets;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>A listener cannot be bound. The message names the setting and the address, and says what to do.</summary>
/// <param name="setting">Such as <c>Presence:Listen:Tcp</c>.</param>
/// <param name="address">With its scheme.</param>
/// <param name="error">Why not.</param>
/// <param name="cause">What the system said.</param>
internal sealed class ListenerException(string setting, string address, SocketError error, Exception cause)
    : IOException($"{setting}: {Describe(address, error, cause)}", cause)
{
    /// <param name="name">Of the listener, below <c>Presence:Listen</c>.</param>
    public static ListenerException Of(string name, string scheme, IPEndPoint endpoint, SocketError error, Exception cause) =>
        new($"{PresenceConfiguration.Section}:{nameof(PresenceConfiguration.Listen)}:{name}", $"{scheme}://{endpoint}", error, cause);

    public int ExitCode => error == SocketError.AddressAlreadyInUse ? ExitCodes.InUse : ExitCodes.BadConfiguration;

    private static string Describe(string address, SocketError error, Exception cause) => error switch
    {
        SocketError.AddressAlreadyInUse => $"{address} is in use by another process. Stop that process, or choose another port.",
        SocketError.AddressNotAvailable =>
            $"{address} is not an address of this machine. Name one that it has, or ':PORT' to listen on all of them.",
        SocketError.AccessDenied =>
            $"this user may not listen on {address}. Choose a port from 1024 on, or allow the process to bind lower ones (CAP_NET_BIND_SERVICE).",
        _ => $"{address} cannot be listened on: {cause.Message.TrimEnd('.')}. Choose another address.",
    };
}
