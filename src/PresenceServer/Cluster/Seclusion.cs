using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Cluster;

/// <summary>
/// A node that hears less than half of the members knows little of anybody, and its clients may reach others: it sends them there, and takes nobody in until it hears more. Counted in looks, not by the clock: a process that stood still has heard nobody
/// for its own fault.
/// </summary>
internal sealed partial class Seclusion(
    Membership membership, Joining joining, PeerInbox inbox, ShardSet shards, IServiceProvider services, Drain drain, TimeProvider time, ILogger<Seclusion> logger) : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    // Looks in a row that found too few, and how old the last word of a member may be.
    private const int Patience = 4;
    private static readonly TimeSpan s_recent = TimeSpan.FromSeconds(2.5);

    // Over how long the clients come to the others.
    private const long WithinMs = 5_000;

    private int _lonely;

    /// <summary>Clients are sent to the others.</summary>
    public bool IsSecluded => Volatile.Read(ref _lonely) >= Patience;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task LookAsync()
    {
        bool wasSecluded = _lonely >= Patience;
        _lonely = HearsHalf() ? 0 : _lonely + 1;
        ConnectionCap clients = services.GetRequiredService<ConnectionCaps>().Clients;
        if (_lonely == Patience)
        {
            LogSecluded();
            clients.Close();
        }

        if (_lonely >= Patience)
        {
            // Each time: who was on its way in is sent on too.
            await shards.PostToAllAsync(static () => new EverybodyLeaves(CloseCode.Draining, WithinMs));
        }
        else if (wasSecluded)
        {
            LogNotSecluded();
            if (!drain.IsUnderWay)
            {
                clients.Open();
            }
        }
    }

    private bool HearsHalf()
    {
        if (membership.View is not { } view || membership.IsFounding)
        {
            // Nobody is heard while all begin anew.
            return true;
        }

        int members = view.Members.Count;
        int heard = view.Members.Keys.Count(node => node == joining.Name.Ordinal || (inbox.HeardAt(node) is { } at && time.GetElapsedTime(at) < s_recent));
        return heard * 2 >= members;
    }

    [LoggerMessage(LogEvents.Secluded, LogLevel.Error, "This node hears less than half of the members: its clients are sent to the others, and nobody is taken in until it hears them again")]
    private partial void LogSecluded();

    [LoggerMessage(LogEvents.NotSecluded, LogLevel.Warning, "This node hears half of the members again, and takes clients in")]
    private partial void LogNotSecluded();
}
