using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;

namespace Presence.Server.Cluster.Streams;

/// <summary>
/// What whoever opens a stream says first: the key it was offered, and which silo it is. It is answered by a byte, or not at all.
/// <code>
/// key (16 bytes) · length of the name (u16, little endian) · name of the silo, in ASCII
/// </code>
/// </summary>
internal static class StreamGreeting
{
    public const int KeySize = 16;

    /// <summary>Bytes of the answer of whoever lets it in; nothing is said by them.</summary>
    public const int WelcomeSize = 1;

    private const int LongestName = 256;

    public static byte[] Write(byte[] key, SiloAddress self)
    {
        byte[] name = Encoding.ASCII.GetBytes(self.ToParsableString());
        byte[] greeting = new byte[KeySize + sizeof(ushort) + name.Length];
        key.CopyTo(greeting, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(greeting.AsSpan(KeySize), (ushort)name.Length);
        name.CopyTo(greeting, KeySize + sizeof(ushort));
        return greeting;
    }

    /// <returns>Which silo it is.</returns>
    /// <exception cref="InvalidDataException">It is none, or has another key.</exception>
    /// <exception cref="IOException">It did not come to its end, or in time.</exception>
    public static SiloAddress Read(Stream stream, byte[] key)
    {
        byte[] head = new byte[KeySize + sizeof(ushort)];
        stream.ReadExactly(head);
        if (!CryptographicOperations.FixedTimeEquals(head.AsSpan(0, KeySize), key))
        {
            throw new InvalidDataException("A stranger: it has not the key that this silo offers.");
        }

        byte[] name = new byte[BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(KeySize))];
        if (name.Length > LongestName)
        {
            throw new InvalidDataException($"The name of a silo of {name.Length} bytes.");
        }

        stream.ReadExactly(name);
        try
        {
            return SiloAddress.FromParsableString(Encoding.ASCII.GetString(name));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("Not the name of a silo.", e);
        }
    }
}
