namespace Presence.Fuzz;

/// <summary>What must be true, whatever the input.</summary>
internal static class Oracle
{
    /// <exception cref="OracleException">It is not.</exception>
    public static void Holds(bool condition, string what)
    {
        if (!condition)
        {
            throw new OracleException(what);
        }
    }

    /// <exception cref="OracleException">They differ.</exception>
    public static void Equal(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string what)
    {
        if (!expected.SequenceEqual(actual))
        {
            throw new OracleException($"{what}: expected {Cut(expected)}, got {Cut(actual)}");
        }
    }

    private static string Cut(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= 64 ? Convert.ToHexStringLower(bytes) : $"{Convert.ToHexStringLower(bytes[..64])}… ({bytes.Length} bytes)";
}

/// <summary>The code under test did something that it must not do.</summary>
internal sealed class OracleException(string what) : Exception(what);
