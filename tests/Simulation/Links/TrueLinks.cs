namespace Presence.Simulation;

/// <summary>What becomes of the sets of links: held as one, named anew, and gone as one.</summary>
internal sealed class TrueLinks(Truth truth, Settings settings)
{
    public void Begin(ShardTruth shard, int gateway, bool resumed, ServerConnection reader, TrueTurn turn)
    {
        TrueLink link = shard.LinkOf(gateway);
        if (resumed && link.Standing is (LinkStanding.Gone or LinkStanding.GoingDown))
        {
            return;
        }

        (link.Reader, link.LeftAtMs, link.SilenceFromMs) = (reader, -1, turn.EngineMs);
        if (resumed)
        {
            link.Standing = link.ResyncUntilMs != 0 ? LinkStanding.Resyncing : LinkStanding.Live;
            return;
        }

        link.Generation++;
        link.DropsOld = false;
        link.HoldsRecovery = turn.EngineMs < shard.RecoveringUntilMs;
        link.ResyncUntilMs = turn.EngineMs + settings.Options.LinkResyncMs;
        link.Standing = LinkStanding.Resyncing;
    }

    public static void Complete(ShardTruth shard, int gateway, TrueTurn turn) => Complete(shard, shard.LinkOf(gateway), turn);

    public void End(ShardTruth shard, int gateway, bool goodbye, TrueTurn turn)
    {
        TrueLink link = shard.LinkOf(gateway);
        link.Reader = null;
        if (goodbye)
        {
            link.LeftAtMs = turn.WallMs;
            GoDown(shard, link, turn);
        }
        else if (link.Standing is LinkStanding.Live or LinkStanding.Resyncing)
        {
            link.HeldUntilMs = Math.Max(turn.EngineMs + settings.Options.HoldMs, link.ResyncUntilMs);
            link.Standing = LinkStanding.Held;
        }
    }

    /// <summary>Takes down whoever goes with a link, after all that links have said in the turn.</summary>
    public void Sweep(ShardTruth shard, TrueTurn turn)
    {
        foreach (TrueLink link in shard.Links.Values)
        {
            if (link.Standing != LinkStanding.GoingDown && !link.DropsOld)
            {
                continue;
            }

            foreach (TrueUser user in shard.Users)
            {
                if (user.Devices.Find(device => device.Link == link) is { } device
                    && (link.Standing == LinkStanding.GoingDown || device.Generation != link.Generation))
                {
                    user.Causes++;
                    long seen = link.LeftAtMs >= 0 ? link.LeftAtMs : turn.WallMs - (turn.MonoMs - device.SeenMs);
                    truth.Leave(user, device, (seen, seen), turn);
                }
            }

            link.DropsOld = false;
            link.Standing = link.Standing == LinkStanding.GoingDown ? LinkStanding.Gone : link.Standing;
        }
    }

    /// <summary>The links' own deadlines, once a tick.</summary>
    public static void Tick(ShardTruth shard, TrueTurn turn)
    {
        foreach (TrueLink link in shard.Links.Values)
        {
            link.SilenceFromMs = link.Reader is { ReaderPaused: true } ? turn.EngineMs : link.SilenceFromMs;
            if (link.Standing == LinkStanding.Held && turn.EngineMs >= link.HeldUntilMs)
            {
                GoDown(shard, link, turn);
            }
            else if (link.Standing == LinkStanding.Resyncing && turn.EngineMs >= link.ResyncUntilMs)
            {
                Complete(shard, link, turn);
            }
        }
    }

    private static void Complete(ShardTruth shard, TrueLink link, TrueTurn turn)
    {
        if (link.ResyncUntilMs == 0)
        {
            return;
        }

        (link.ResyncUntilMs, link.SilenceFromMs, link.DropsOld) = (0, turn.EngineMs, true);
        EndHolding(shard, link, turn);
        link.Standing = link.Standing == LinkStanding.Resyncing ? LinkStanding.Live : link.Standing;
    }

    private static void GoDown(ShardTruth shard, TrueLink link, TrueTurn turn)
    {
        link.ResyncUntilMs = 0;
        link.DropsOld = false;
        EndHolding(shard, link, turn);
        link.Standing = LinkStanding.GoingDown;
    }

    private static void EndHolding(ShardTruth shard, TrueLink link, TrueTurn turn)
    {
        if (link.HoldsRecovery)
        {
            link.HoldsRecovery = false;
            shard.HeldRecoveryUntilMs = turn.EngineMs;
        }
    }
}
