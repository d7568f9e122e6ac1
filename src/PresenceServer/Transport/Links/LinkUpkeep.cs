using Presence.Engine;
using Presence.Server.Security.Revoking;
using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>
/// What a link needs without a frame of it: acknowledgements and what is told of refused users at a pace of their own, the end of links that are silent or whose token is over, rates, and
/// the places of gateways that are gone. A few dozen links ten times a second.
/// </summary>
internal sealed class LinkUpkeep(Gateways gateways, RevocationRegister revocations, LinkContext context, TimeProvider time) : BackgroundService
{
    private const int LooksPerSecond = 10;
    private const long TokenWarningMs = 60_000;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(1_000.0 / LooksPerSecond);

    private long _lookedMs = context.Clock.MonoMs;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            for (int look = 0; await timer.WaitForNextTickAsync(stoppingToken); look++)
            {
                LookAtAll(rates: look % LooksPerSecond == 0);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private void LookAtAll(bool rates)
    {
        long sinceLastMs = context.Clock.MonoMs - _lookedMs;
        _lookedMs += sinceLastMs;
        foreach (Gateway gateway in gateways.All)
        {
            if (rates)
            {
                gateway.BeatRate.Look(context.Clock.MonoMs, gateway.Counts.Beats);
            }

            if (gateway.Link is { IsOpen: true } link)
            {
                gateway.LengthenNaming(link.Connection.ReaderPaused ? sinceLastMs : 0);
                Acknowledge(gateway, link);
                TellRefused(gateway, link);
                CheckSilence(link);
                CheckToken(link);
            }
        }

        if (rates)
        {
            gateways.ForgetGone();
        }
    }

    // A lane that is full is tried again at the next look: acknowledgements are cumulative.
    private static void Acknowledge(Gateway gateway, Link link)
    {
        if (!gateway.OwesAck)
        {
            return;
        }

        gateway.OwesAck = false;
        if (!link.Shard.Inbox.TryPostLiveness(new LinkAck(link.Connection, gateway.LastSeq)))
        {
            gateway.OwesAck = true;
        }
    }

    // As with acknowledgements: what finds no room is told with what comes until the next look.
    private void TellRefused(Gateway gateway, Link link)
    {
        foreach (LinkRefusal reason in RefusedUsers.Reasons)
        {
            if (gateway.Refused.TryTake(reason, out RefusedCount refused)
                && !link.Shard.Inbox.TryPostLiveness(new RequestFault(link.Connection, context.Rules.Refused(reason, refused))))
            {
                gateway.Refused.GiveBack(reason, refused);
            }
        }
    }

    // Judged only while the owner's clock is the present one: after a silence of our own it has to leave that out first.
    private void CheckSilence(Link link)
    {
        bool judges = link.Shard.StillForMs < EngineClock.GapMs && !link.Connection.ReaderPaused;
        if (judges && link.Shard.EngineSince(link.Connection.LastFrameMs) >= context.SilenceMs)
        {
            Close(link, CloseCode.HeartbeatTimeout);
        }
    }

    // The gateway's users were not revoked: they are held, and it comes back with another token.
    private void CheckToken(Link link)
    {
        TokenFacts shown = link.Shown;
        if (revocations.Concerns(shown.UserId, shown.Mark))
        {
            Close(link, CloseCode.Revoked);
            return;
        }

        long leftMs = link.TokenExpiresMs - context.Clock.WallMs;
        if (leftMs <= 0)
        {
            Close(link, CloseCode.TokenExpired);
        }
        else if (leftMs <= TokenWarningMs && !link.TokenWarned)
        {
            var warning = new ServerFrame { TokenExpiring = new TokenExpiring { InMs = (uint)leftMs } };
            link.TokenWarned = link.Shard.Inbox.TryPostLiveness(new ConnectionNotice(link.Connection, warning));
        }
    }

    private static void Close(Link link, CloseCode code) => link.Shard.Inbox.TryPostLiveness(new ConnectionClosing(link.Connection, code));
}
