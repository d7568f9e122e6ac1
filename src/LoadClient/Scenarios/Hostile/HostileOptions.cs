using System.Globalization;
using System.Net;
using Presence.LoadClient.Attacks;
using Presence.LoadClient.Scenarios.Friends;

namespace Presence.LoadClient.Scenarios.Hostile;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Friends">The users who mean well.</param>
/// <param name="Attacks">Kinds by name; none: all there are.</param>
/// <param name="Share">0 … 0.9: of all connections, those that are hostile.</param>
/// <param name="Calm">How long those who mean well are measured alone.</param>
/// <param name="Patience">The longest that a connection of an attacker may live whom the server has to end.</param>
/// <param name="WebSocket">The listener that is attacked beside that of TCP; null: none.</param>
internal sealed record HostileOptions(
    FriendsOptions Friends, IReadOnlyCollection<string> Attacks, double Share, TimeSpan Calm, TimeSpan Patience, IPEndPoint? WebSocket) : IScenarioOptions
{
    private static readonly TimeSpan _longestCalm = TimeSpan.FromHours(24);

    public int Attackers => (int)Math.Ceiling(Friends.Connections * Share / (1 - Share));

    public long Users => Friends.Users + Attackers;

    public string? Fault() =>
        Friends.Fault()
        ?? OptionFaults.OutOf("--share", Share, 0.0001, 0.9)
        ?? OptionFaults.OutOf("--calm", Calm.TotalSeconds, 0.1, _longestCalm.TotalSeconds)
        ?? FaultOfAttacks();

    /// <summary>Those that were named, of those there are.</summary>
    public IReadOnlyList<Attack> Kinds => [.. Crowd.Kinds(WebSocket is not null).Where(kind => Attacks.Count == 0 || Attacks.Contains(kind.Name))];

    private string? FaultOfAttacks()
    {
        string[] all = [.. Crowd.Kinds(WebSocket is not null).Select(static kind => kind.Name)];
        if (Attacks.FirstOrDefault(name => !all.Contains(name)) is { } stranger)
        {
            return $"--attacks: '{stranger}' is none{(WebSocket is null ? " without --websocket" : "")}; there are {string.Join(", ", all)}.";
        }

        return Attackers >= Kinds.Count
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"--share {Share} of {Friends.Connections} connections are {Attackers} attackers, fewer than the {Kinds.Count} kinds of attack: more --connections, or a larger --share.");
    }
}
