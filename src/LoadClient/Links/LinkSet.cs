using System.Globalization;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Series;

namespace Presence.LoadClient.Links;

/// <summary>The gateway links of a run: together they carry its users, and tell of all changes.</summary>
internal sealed class LinkSet : IGenerator
{
    // A few ticks.
    private static readonly TimeSpan _mostBehind = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// No link was welcomed, or told to wait, for so long: the server is gone. Twice the default hold, so that those who were up are not any
    /// more; a server that is started anew and comes back within it can be measured on.
    /// </summary>
    private static readonly TimeSpan _mostUnreached = TimeSpan.FromSeconds(30);

    /// <summary>Shorter is a link that is coming back.</summary>
    private static readonly TimeSpan _leastUnreached = TimeSpan.FromSeconds(1);

    private readonly LoadPlan _plan;
    private readonly LinkDriver[] _drivers;

    /// <param name="name">The first part of each gateway's id; two runs at a time need different ones.</param>
    public LinkSet(LoadPlan plan, Servers servers, UserTokens tokens, string name)
    {
        _plan = plan;
        var gateways = new GatewayPlan(plan.Loop, servers, tokens, name);
        _drivers = [.. Enumerable.Range(0, plan.Population.Links).Select(number => new LinkDriver(number, gateways, plan))];
        plan.Changes.Links = [.. _drivers.Select(static driver => driver.Changes)];
    }

    public IReadOnlyList<LinkDriver> Drivers => _drivers;

    public LoadPlan Plan => _plan;

    public long Asked => _plan.Population.Users;

    /// <summary>Every link is welcomed, or will not be.</summary>
    public bool IsConnected => _drivers.All(static driver => driver.Gateway.IsLive || driver.Gateway.IsOver);

    /// <summary>Why there is nothing to wait for any more; null: there is.</summary>
    public string? Failure => _drivers.FirstOrDefault(static driver => driver.Gateway.IsOver) is { } over
        ? string.Create(CultureInfo.InvariantCulture, $"link {over.Number} was told never to come back: {over.Gateway.LostBy}")
        : Unreached > _mostUnreached ? UnreachedFor(_mostUnreached) : null;

    /// <summary>What whoever looks on must know now; null: nothing.</summary>
    public string? Trouble => Unreached > _leastUnreached ? UnreachedFor(Unreached) : null;

    /// <summary>Every user is named and the server has taken it.</summary>
    public bool HasSettled => _drivers.All(
        static driver => driver.Gateway.IsOver || (driver.Gateway.IsLive && driver.IsNamed && driver.HasTakenNames));

    /// <summary>All that was due has been said and taken.</summary>
    public bool IsAtRest => _drivers.All(static driver => driver.Gateway.IsLive && driver.IsNamed && driver.HasTakenChanges);

    /// <summary>The last of what each link has said.</summary>
    public IReadOnlyList<ulong> Said => [.. _drivers.Select(static driver => driver.Gateway.LastSeq)];

    /// <summary>Heartbeats are said when they are due, and the server has taken what had been said before.</summary>
    /// <param name="said">One for each link.</param>
    public bool KeepsUp(IReadOnlyList<ulong> said) => _drivers.All(
        driver => driver.Gateway.AckedSeq >= said[driver.Number] && driver.Heartbeats.Behind(_plan.Loop.Now) < _mostBehind);

    public RunTotals Totals => new()
    {
        SessionsUp = _drivers.Sum(static driver => driver.Up),
        Changes = _drivers.Sum(static driver => driver.Changes.Said),
        Heartbeats = _drivers.Sum(static driver => driver.Heartbeats.Said),
        Reads = _drivers.Sum(static driver => driver.Queries.Answered),
        Failures = _plan.Lost.Total + _plan.Errors.Total,
    };

    private TimeSpan Unreached => _plan.Loop.Now - _drivers.Max(static driver => driver.Gateway.ReachedAt);

    public void Open()
    {
        foreach (LinkDriver driver in _drivers)
        {
            driver.Gateway.Open();
            _plan.Loop.Schedule(driver, _plan.Loop.Now);
        }
    }

    public long DropAll()
    {
        long up = Totals.SessionsUp;
        foreach (LinkDriver driver in _drivers)
        {
            driver.Gateway.Drop(TimeSpan.Zero, forgets: false);
        }

        return up;
    }

    public void WatchAll()
    {
        foreach (LinkDriver driver in _drivers)
        {
            driver.WatchAll();
        }
    }

    private string UnreachedFor(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"the server was not reached for {time.TotalSeconds:0} s: {_drivers[0].Gateway.LostBy ?? "no_welcome"}");
}
