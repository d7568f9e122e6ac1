using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Presence.Server.Configuration;

/// <summary>
/// Where a listener is bound, or that it is off. A host name is not accepted: what is bound must not depend on a resolver.
/// </summary>
internal sealed record ListenAddress
{
    private ListenAddress(IPAddress? address, int port) => (Address, Port) = (address, port);

    /// <summary>The listener does not exist.</summary>
    public static ListenAddress Off { get; } = new(null, -1);

    /// <summary>Null: every interface, IPv6 and IPv4.</summary>
    public IPAddress? Address { get; }

    /// <summary>0 lets the system choose.</summary>
    public int Port { get; }

    public bool IsOff => Port < 0;

    /// <summary>What to bind; <see cref="IPAddress.IPv6Any"/> stands for every interface of both families.</summary>
    public IPEndPoint EndPoint => IsOff
        ? throw new InvalidOperationException("A listener that is off has no end point.")
        : new IPEndPoint(Address ?? IPAddress.IPv6Any, Port);

    public static ListenAddress Parse(string text) =>
        TryParse(text, out ListenAddress? address) ? address : throw new FormatException($"'{text}' is not a listen address.");

    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            address = Off;
            return true;
        }

        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        return TryParseHost(text[..colon], out IPAddress? host) && (address = new ListenAddress(host, port)) is not null;
    }

    /// <summary>Whether both cannot be bound at once.</summary>
    public bool Overlaps(ListenAddress other) =>
        !IsOff && Port > 0 && Port == other.Port && (CoversAll(Address) || CoversAll(other.Address) || Equals(Address, other.Address));

    public override string ToString() => IsOff ? "off" : Address is null
        ? string.Create(CultureInfo.InvariantCulture, $":{Port}")
        : new IPEndPoint(Address, Port).ToString();

    private static bool CoversAll(IPAddress? address) =>
        address is null || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool TryParseHost(string host, out IPAddress? address)
    {
        address = null;
        if (host is "" or "*")
        {
            return true;
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = IPAddress.Loopback;
            return true;
        }

        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        return bracketed == host.Contains(':')
            && (bracketed || host.Count(static c => c == '.') == 3)
            && IPAddress.TryParse(host.Trim('[', ']'), out address);
    }
}
