using Presence.Engine;
using Wire = Presence.Peer.V1;

namespace Presence.Server.Cluster;

/// <summary>Reports of sessions as <c>presence.peer.v1.SessionReport</c>; checks as <see cref="PeerCodec"/>.</summary>
internal static class ReportCodec
{
    /// <summary>It is of a kind that this build knows.</summary>
    public static bool IsKnown(Wire.SessionReport wire) => wire.Kind is > Wire.ReportKind.Unspecified and <= Wire.ReportKind.Left;

    public static Wire.SessionReport ToWire(in SessionReport report)
    {
        var wire = new Wire.SessionReport
        {
            Kind = (Wire.ReportKind)((int)report.Kind + 1),
            UserId = report.UserId,
            DeviceKey = report.DeviceKey,
            SessionId = report.SessionId,
            Status = report.Status,
            DeviceKinds = (uint)report.Kinds,
            StatusText = PeerCodec.Text(report.Text),
            Hidden = report.Hidden,
            IsHeld = report.IsHeld,
            Way = (Wire.DeviceWay)((int)report.Way + 1),
            IsComing = report.IsComing,
            SaidInvisible = report.SaidInvisible,
            AsBefore = report.AsBefore,
            ServerAway = report.ServerAway,
            IsRepetition = report.IsRepetition,
            WasSeen = report.WasSeen,
            Token = report.Token,
            SlotMs = report.SlotMs,
            Cause = (uint)report.Cause,
        };
        if (report.HiddenAsOf is { } version)
        {
            wire.HiddenAsOf = version;
        }

        if (report.LastSeenMs >= 0)
        {
            wire.LastSeenMs = report.LastSeenMs;
        }

        return wire;
    }

    public static SessionReport FromWire(Wire.SessionReport wire)
    {
        PeerCodec.Check(Enum.IsDefined((TransitionCause)wire.Cause) && wire.Cause <= byte.MaxValue, $"a cause of {wire.Cause}");
        PeerCodec.Check(wire.SlotMs is >= -PeerLimits.SlotMs and <= PeerLimits.SlotMs, $"a slot of {wire.SlotMs} ms");
        return new((ReportKind)((int)wire.Kind - 1), PeerCodec.User(wire.UserId), wire.DeviceKey, wire.SessionId)
        {
            Status = PeerCodec.StatusOf(wire.Status),
            Kinds = PeerCodec.Kinds(wire.DeviceKinds),
            Text = PeerCodec.Text(wire.StatusText),
            Hidden = wire.Hidden,
            HiddenAsOf = wire.HasHiddenAsOf ? wire.HiddenAsOf : null,
            IsHeld = wire.IsHeld,
            Way = Enum.IsDefined(wire.Way) && wire.Way != Wire.DeviceWay.Unspecified ? (DeviceWay)((int)wire.Way - 1) : DeviceWay.Session,
            IsComing = wire.IsComing,
            SaidInvisible = wire.SaidInvisible,
            AsBefore = wire.AsBefore,
            ServerAway = wire.ServerAway,
            IsRepetition = wire.IsRepetition,
            WasSeen = wire.WasSeen,
            Token = wire.Token,
            LastSeenMs = wire.HasLastSeenMs ? PeerCodec.Time(wire.LastSeenMs) : -1,
            SlotMs = wire.SlotMs,
            Cause = (TransitionCause)wire.Cause,
        };
    }
}

/// <summary>Beyond these no node says anything.</summary>
internal static class PeerLimits
{
    public const uint Shards = 64;

    /// <summary>Of a slot, in ms: a day.</summary>
    public const long SlotMs = 86_400_000;
}
