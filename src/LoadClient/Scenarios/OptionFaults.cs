using System.Globalization;
using System.Numerics;

namespace Presence.LoadClient.Scenarios;

/// <summary>What is wrong with the value of an option, in words.</summary>
internal static class OptionFaults
{
    /// <summary>More than the ports and descriptors of any one generator.</summary>
    public const int MostConnections = 1_000_000;

    /// <summary>Users on gateway links: their ids are all that is kept of them.</summary>
    public const long MostSessions = 10_000_000_000;

    public const int MostLinks = 64;

    /// <summary>More than any one generator can send.</summary>
    public const int MostPerSecond = 10_000_000;

    /// <summary>Null when the value is within its bounds.</summary>
    public static string? OutOf<T>(string option, T value, T lowest, T highest)
        where T : INumber<T> =>
        value >= lowest && value <= highest
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{option} is {lowest} to {highest}, not {value}.");
}
