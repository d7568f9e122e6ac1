using System.Net;
using System.Net.Sockets;

namespace Presence.LoadClient.Connections;

/// <summary>Where the n-th connection goes, and from which address: round robin over the servers that were named.</summary>
internal sealed class Servers(IReadOnlyList<IPEndPoint> endPoints)
{
    /// <summary>
    /// Source addresses used towards a server on the loopback. One has 28,000 ports, and those of the run before stay taken for a minute.
    /// </summary>
    private const int LoopbackSources = 16;

    private static readonly IPAddress[] _sources =
        [.. Enumerable.Range(1, LoopbackSources).Select(static last => new IPAddress([127, 0, 0, (byte)last]))];

    public IReadOnlyList<IPEndPoint> EndPoints => endPoints;

    public IPEndPoint this[int connection] => endPoints[connection % endPoints.Count];

    public IPAddress? SourceOf(int connection) =>
        IPAddress.IsLoopback(this[connection].Address) ? _sources[connection / endPoints.Count % LoopbackSources] : null;

    public override string ToString() => string.Join(',', endPoints);

    /// <summary>Reads <c>HOST:PORT[,HOST:PORT…]</c>; names are resolved once, to IPv4.</summary>
    /// <param name="error">What is wrong with the text, when null is returned.</param>
    public static Servers? Parse(string text, out string error)
    {
        error = "";
        List<IPEndPoint> endPoints = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Resolve(part) is not { } endPoint)
            {
                error = $"'{part}' is not HOST:PORT of a host that resolves to an IPv4 address, such as 127.0.0.1:7001.";
                return null;
            }

            endPoints.Add(endPoint);
        }

        return new Servers(endPoints);
    }

    private static IPEndPoint? Resolve(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), out ushort port) || port == 0)
        {
            return null;
        }

        try
        {
            IPAddress? address = Dns.GetHostAddresses(text[..colon], AddressFamily.InterNetwork).FirstOrDefault();
            return address is null ? null : new IPEndPoint(address, port);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
