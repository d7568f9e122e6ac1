using CsCheck;

namespace Presence.Protocol.Tests;

/// <summary>Byte streams to read: good ones out of frames, and arbitrary ones biased to lengths near the limits.</summary>
internal static class Streams
{
    /// <summary>Small, so that arbitrary bytes often are lengths on both sides of it.</summary>
    public const int SmallLimit = 200;

    public static readonly Gen<byte[]> Payload = Gen.Frequency(
        (4, Gen.Byte[0, 3].Select(flags => new byte[] { 8, flags })),
        (4, Gen.Byte.Array[1, 40]),
        (2, Gen.Byte.Array[120, 300]),
        (1, Gen.Int[16_380, 16_390].Select(length => new byte[length])));

    public static readonly Gen<byte[][]> Payloads = Payload.Array[0, 8];

    public static readonly Gen<byte[]> Arbitrary = Gen.Frequency(
        (5, Gen.Byte[1, 3]), (1, Gen.Byte[0, 0]), (2, Gen.Byte[0x80, 0x84]), (1, Gen.Byte)).Array[0, 24];

    public static readonly Gen<int[]> Cuts = Gen.Int[0, 400].Array[0, 12];

    /// <summary>The framing written down a second time, as plainly as it can be.</summary>
    public static byte[] Frame(byte[] payload)
    {
        var prefix = new List<byte>();
        var length = payload.Length;
        while (length > 127)
        {
            prefix.Add((byte)(128 + (length % 128)));
            length /= 128;
        }
        prefix.Add((byte)length);
        return [.. prefix, .. payload];
    }
}
