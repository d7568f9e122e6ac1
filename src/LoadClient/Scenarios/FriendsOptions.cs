using System.Globalization;
using Presence.LoadClient.Connections;
using Presence.Protocol;

namespace Presence.LoadClient.Scenarios;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Users, each on one connection.</param>
/// <param name="Watches">Others that each of them watches; less than the connections.</param>
/// <param name="FlipsPerSecond">Status changes over all users; 0: none.</param>
/// <param name="Duration">Of the flips that are measured.</param>
/// <param name="FirstUser">User ids count from here, so that two generators do not replace each other's devices.</param>
internal sealed record FriendsOptions(
    Servers Servers, int Connections, int Watches, double FlipsPerSecond, TimeSpan Duration, int Seed, long FirstUser)
{
    private const int MostConnections = 1_000_000;
    private const int MostFlipsPerSecond = 1_000_000;

    /// <summary>The first thing that is wrong with it, with what is right; null: nothing.</summary>
    public string? Fault() =>
        Connections is < 2 or > MostConnections ? Text($"--connections is 2 to {MostConnections}, not {Connections}.")
        : Watches < 0 || Watches >= Connections ? Text($"--watch is 0 to {Connections - 1}, one less than the connections, not {Watches}.")
        : Watches > ProtocolLimits.MaxWatches ? Text($"--watch is at most {ProtocolLimits.MaxWatches} at any server, not {Watches}.")
        : FlipsPerSecond is not (>= 0 and <= MostFlipsPerSecond)
            ? Text($"--flips is 0 to {MostFlipsPerSecond} a second, not {FlipsPerSecond}.")
        : FirstUser < 1 || FirstUser > long.MaxValue - Connections ? Text($"--first-user is 1 to 2^63-1-{Connections}, not {FirstUser}.")
        : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
