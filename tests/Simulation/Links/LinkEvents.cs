using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>A message without a meaning for the truth.</summary>
internal sealed class Nothing : TrueEvent
{
    public static readonly Nothing Said = new();

    public override void Apply(Truth truth, TrueTurn turn)
    {
    }
}

/// <summary>What a link says waits until everything else of the turn has been taken.</summary>
internal abstract class LinkEvent : TrueEvent;

/// <summary>A link's connection is its shard's to write to.</summary>
internal sealed class LinkWasAttached(ServerConnection link) : TrueEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        link.Truth.IsAttached = true;
        link.Truth.Heard(turn.MonoMs);
    }
}

/// <summary>A link is open, over the set it had or to name it anew.</summary>
internal sealed class LinkBegan(int gateway, bool resumed, ServerConnection reader) : LinkEvent
{
    public override void Apply(Truth truth, TrueTurn turn) => truth.Links.Begin(truth.Of(turn.Thread), gateway, resumed, reader, turn);
}

internal sealed class LinkEnded(int gateway, bool goodbye) : LinkEvent
{
    public override void Apply(Truth truth, TrueTurn turn) => truth.Links.End(truth.Of(turn.Thread), gateway, goodbye, turn);
}

internal sealed class LinkCompleted(int gateway) : LinkEvent
{
    public override void Apply(Truth truth, TrueTurn turn) => TrueLinks.Complete(truth.Of(turn.Thread), gateway, turn);
}

/// <summary>A link has said something of some users of the shard.</summary>
internal sealed class LinkSaid(int gateway, SessionsSays says) : LinkEvent
{
    public override void Apply(Truth truth, TrueTurn turn)
    {
        TrueLink link = truth.Of(turn.Thread).LinkOf(gateway);
        foreach (ulong userId in says.UserIds)
        {
            Apply(truth, truth.Of(userId), link, turn);
        }
    }

    private void Apply(Truth truth, TrueUser user, TrueLink link, TrueTurn turn)
    {
        TrueDevice? device = user.Find(GatewayHost.KeyOf(gateway));
        if (says.Verb == LinkVerb.Down)
        {
            if (device is not null)
            {
                user.Causes++;
                truth.Leave(user, device, (turn.WallMs, turn.WallMs), turn);
            }

            return;
        }

        if (device is null && user.Devices.Count(other => other.Key != 0) >= truth.Options.MaxDevices)
        {
            return;
        }

        device ??= ComeUp(user, link);
        (device.SeenMs, device.Generation) = (turn.MonoMs, link.Generation);
        if (says.Verb == LinkVerb.Up)
        {
            user.Causes++;
            (device.Status, device.Kinds) = (StatusSet.Of(says.Status), says.Kinds);
        }
    }

    // Whoever stood for the user since a restart becomes the device.
    private TrueDevice ComeUp(TrueUser user, TrueLink link)
    {
        user.Causes++;
        TrueDevice? phantom = user.Find(0) is { MayBeGone: false } standing ? standing : null;
        Truth.RemovePhantom(user);
        var device = new TrueDevice(GatewayHost.KeyOf(gateway))
        {
            Standing = Standing.OnLink,
            Link = link,
            Status = phantom?.Status ?? StatusSet.Of(Status.Online),
            Kinds = phantom?.Kinds ?? Protocol.DeviceKinds.None,
        };
        user.Devices.Add(device);
        return device;
    }
}
