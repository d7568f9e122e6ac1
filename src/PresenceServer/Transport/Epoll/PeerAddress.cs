using System.Buffers.Binary;
using System.Net;

namespace Presence.Server.Transport.Epoll;

/// <summary>The other end of a connection as the kernel told it: kept small, because hardly ever asked for.</summary>
/// <param name="High">First half of an IPv6 address, network order; 0 of an IPv4 one.</param>
/// <param name="Low">Second half; an IPv4 address in its lower 32 bits.</param>
internal readonly record struct PeerAddress(ulong High, ulong Low, ushort Port, bool IsVersion6)
{
    /// <summary>Room for any <c>sockaddr</c> of IP.</summary>
    public const int MaxBytes = 28;

    private const int Version6Family = 10;
    private const int PortOffset = 2;
    private const int Version4Offset = 4;
    private const int Version6Offset = 8;

    public static PeerAddress Read(ReadOnlySpan<byte> socketAddress)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[PortOffset..]);
        return socketAddress[0] == Version6Family
            ? new(
                BinaryPrimitives.ReadUInt64BigEndian(socketAddress[Version6Offset..]),
                BinaryPrimitives.ReadUInt64BigEndian(socketAddress[(Version6Offset + sizeof(ulong))..]),
                port,
                IsVersion6: true)
            : new(0, BinaryPrimitives.ReadUInt32BigEndian(socketAddress[Version4Offset..]), port, IsVersion6: false);
    }

    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return new IPEndPoint(new IPAddress(IsVersion6 ? bytes : bytes[12..]), Port);
    }
}
