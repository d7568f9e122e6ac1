using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Presence.Server.Transport.Epoll;

namespace Presence.Server.Hosting;

/// <summary>
/// At most so many connections of one address: of IPv6 of one /64, which is what one customer has. Holds nothing where the limit is that of all connections together. Any thread.
/// </summary>
/// <param name="limit">Of each address.</param>
/// <param name="all">Of all together.</param>
internal sealed class AddressCounts(int limit, int all)
{
    private readonly Dictionary<ulong, int> _open = [];
    private readonly Lock _lock = new();

    /// <returns>False when the address has as many as it may: nothing is counted then.</returns>
    public bool TryEnter(ulong address)
    {
        if (limit >= all)
        {
            return true;
        }

        lock (_lock)
        {
            int open = _open.GetValueOrDefault(address);
            if (open < limit)
            {
                _open[address] = open + 1;
            }

            return open < limit;
        }
    }

    public void Leave(ulong address)
    {
        if (limit >= all)
        {
            return;
        }

        lock (_lock)
        {
            if (--_open[address] == 0)
            {
                _open.Remove(address);
            }
        }
    }

    /// <summary>What an address is counted by.</summary>
    public static ulong KeyOf(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : KeyOf(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    /// <inheritdoc cref="KeyOf(EndPoint?)"/>
    public static ulong KeyOf(in PeerAddress remote) => KeyOf(remote.High, remote.Low);

    // An IPv4 address in the form of IPv6 is the same address. The loopback of IPv6 has no prefix of its own.
    private static ulong KeyOf(ulong high, ulong low) => high == 0 ? (uint)low : high;
}
