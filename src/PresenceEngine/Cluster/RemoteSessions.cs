using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The devices whose edge is another node, as the home of their users keeps them: beside those of its own edge, in the same fold. The edge judges their silence and says when they are lost; how long they are held after
/// that is judged here. Of each device the highest session counts; what is said of a lower one is passed over, and its edge told that it is over.
/// </summary>
internal sealed class RemoteSessions(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly ShardTime _time = shard.Time;

    // By edge: rises with every registration; and until when is known what it said before that, Unix ms.
    private readonly Dictionary<ShardAddress, int> _generations = [];
    private readonly Dictionary<ShardAddress, long> _knownUntilMs = [];

    private HomeWords Words => shard.Nodes!.Words;

    public RemoteSweep Sweep { get; } = new(shard);

    public HttpLeavings Leavings { get; } = new(shard);

    /// <summary>An edge says all of its sessions anew. Who is not named stays as it was until it is through.</summary>
    /// <param name="edge">Which.</param>
    /// <param name="knownUntilMs">Unix ms of its last word before: who is not named was there until then. −1: it has said nothing.</param>
    public void Begin(ShardAddress edge, long knownUntilMs)
    {
        _generations[edge] = _generations.GetValueOrDefault(edge) + 1;
        _knownUntilMs[edge] = knownUntilMs;
    }

    /// <summary>An edge has named all of its sessions: who was not among them is held, as after a loss.</summary>
    public void Complete(ShardAddress edge) => Sweep.Add(edge, _generations.GetValueOrDefault(edge), slotMs: 0, _knownUntilMs.GetValueOrDefault(edge, -1), isLost: false);

    /// <summary>An edge is gone, or says nothing any more: who does not come by another registration is held.</summary>
    /// <param name="slotMs">So much longer than h.</param>
    /// <param name="lastSeenMs">Unix ms of its last watermark.</param>
    public void Lost(ShardAddress edge, long slotMs, long lastSeenMs)
    {
        Begin(edge, lastSeenMs);
        shard.Nodes!.Warming.Lost(lastSeenMs);
        Sweep.Add(edge, _generations[edge], slotMs, lastSeenMs, isLost: true);
    }

    public void Take(ShardAddress from, in SessionReport report)
    {
        if (!shard.Routing.IsHere(report.UserId))
        {
            // By the sender's ring it is: the home hears it, once they agree.
            Words.Refuse(from, report, HomeWordKind.NotHome);
            return;
        }

        // What its devices were before the ring that is followed now is not to be taken for what is said behind it.
        shard.Home.HandOver.Follow(report.UserId);
        switch (report.Kind)
        {
            case ReportKind.Up:
                Up(from, report);
                break;
            case ReportKind.Held:
                Hold(from, report);
                break;
            case ReportKind.Down:
                Down(from, report);
                break;
            case ReportKind.Status:
                Set(from, report);
                break;
            case ReportKind.Left:
                shard.Homes.Left(new RemoteStatus(Words, from.Node, report), report.WasSeen, report.SessionId);
                break;
        }
    }

    private void Up(ShardAddress from, in SessionReport report)
    {
        if (report.IsHeld && !IsKnown(report) && !shard.Nodes!.Warming.Concerns(report.UserId))
        {
            return;
        }

        if (Leavings.Ended(report) is { } upTo)
        {
            Words.End(report.UserId, from.Node, report.DeviceKey, report.SessionId, upTo);
            return;
        }

        bool saysTheSame = SaysTheSame(report);
        int node = FindOrAdd(from, report, out bool isKnown);
        if (node < 0)
        {
            return;
        }

        int entry = _users.OwnerOf(node);
        ref Device device = ref _users.DeviceAt(node);
        bool wasInFold = isKnown && device.IsInFold;
        Describe(entry, node, isKnown, report);
        device.Chooses = report.SaidInvisible || (report is { IsComing: true, Way: DeviceWay.Stream } && !saysTheSame);
        if (device.IsInFold)
        {
            Recovery.RemovePhantom(shard, entry);
        }
        else if (wasInFold)
        {
            // That it says OFFLINE was not heard.
            shard.Presences.Seen(entry, report.LastSeenMs);
        }

        if (report.HiddenAsOf is { } version)
        {
            shard.Home.HandOver.WasHidden(entry, version);
        }

        shard.Home.Up(new(report.UserId, report.DeviceKey, report.SessionId, report.Hidden));
        Words.TellOwn(entry, device);
    }

    // What the device is, by its edge, or by what was known of it before.
    private void Describe(int entry, int node, bool isKnown, in SessionReport report)
    {
        ref Device device = ref _users.DeviceAt(node);
        // A gateway that says no kind leaves it as it was, at whatever node it said it.
        bool isKindAsBefore = report.Kinds == DeviceKinds.None && (report.AsBefore || report.Way == DeviceWay.Link);
        device.Kinds = isKindAsBefore ? device.Kinds : report.Kinds;
        device.Set(DeviceFlags.ServerAway, report.ServerAway);
        device.Set(DeviceFlags.AsBefore, report.AsBefore && (!isKnown || device.Has(DeviceFlags.AsBefore)));
        shard.Home.GoOnAsBefore(node);
        if (!report.AsBefore)
        {
            device.Status = report.Status;
            device.Set(DeviceFlags.HasText, shard.Presences.DeviceTexts.Set(node, report.Text));
        }

        if (isKindAsBefore ? device.Kinds != DeviceKinds.None || !device.Has(DeviceFlags.AsBefore) : report.AsBefore && !device.Has(DeviceFlags.AsBefore))
        {
            Words.TellSaid(entry, node);
        }
    }

    private bool IsKnown(in SessionReport report) => Find(report) >= 0;

    // As far as its home knows, wherever it was.
    private bool SaysTheSame(in SessionReport report) => Find(report) is >= 0 and var node && _users.DeviceAt(node).Said == report.Status;

    private int Find(in SessionReport report) => _users.FindDeviceOf(report.UserId, report.DeviceKey);

    private void Hold(ShardAddress from, in SessionReport report)
    {
        if (FindSame(from, report) is >= 0 and var node)
        {
            ref Device device = ref _users.DeviceAt(node);
            device.State = DeviceState.Held;
            device.LastSeenMs = (uint)_time.StampOf(report.LastSeenMs);
            shard.Deadlines.ArmHold(node, report.SlotMs);
        }
    }

    private void Down(ShardAddress from, in SessionReport report)
    {
        if (FindSame(from, report) is >= 0 and var node)
        {
            shard.Edge.Down(node, report.LastSeenMs, report.Cause);
        }
        else if (report.LastSeenMs >= 0 && !IsKnown(report) && shard.Nodes!.Warming.Concerns(report.UserId) && shard.Edge.HasRoomFor(report.UserId))
        {
            // It went before its edge could name it here: what is kept of its user, as of the home before, is over.
            shard.Presences.Seen(shard.Edge.FindOrLoad(report.UserId), report.LastSeenMs);
        }
    }

    private void Set(ShardAddress from, in SessionReport report)
    {
        int node = report.SessionId == 0 ? UserTable.None : FindOrAdd(from, report, out _, isSeen: false);
        if (node < 0 && report.SessionId != 0)
        {
            return;
        }

        shard.Home.SetStatus(new RemoteStatus(Words, from.Node, report));
    }

    // The device that a report speaks of, live at its edge; UserTable.None when a newer session has it, or there is no room: who waits for an answer has got one then.
    private int FindOrAdd(ShardAddress from, in SessionReport report, out bool isKnown, bool isSeen = true)
    {
        isKnown = false;
        shard.Versions.Merge(report.SessionId);
        if (!shard.Edge.HasRoomFor(report.UserId))
        {
            shard.Counters.SessionsRefused++;
            Words.RefuseDevice(from, report, HomeWordKind.NoRoom);
            return UserTable.None;
        }

        int entry = shard.Edge.FindOrLoad(report.UserId);
        int node = _users.FindDevice(entry, report.DeviceKey);
        if (node >= 0 && _users.DeviceAt(node).SessionId > report.SessionId)
        {
            // That it was replaced it has not heard, or it would not speak.
            Words.Replace(from.Node, report.UserId, report.DeviceKey, report.SessionId, _users.DeviceAt(node).SessionId);
            Words.Refuse(from, report, HomeWordKind.NotDurable);
            return UserTable.None;
        }

        isKnown = node >= 0;
        if (node < 0)
        {
            if (_users[entry].Devices >= shard.Options.MaxDevices)
            {
                shard.Edge.RemoveIfEmpty(entry);
                Words.RefuseDevice(from, report, HomeWordKind.NoPlace);
                return UserTable.None;
            }

            node = _users.AddDevice(entry);
            _users.DeviceAt(node).Key = report.DeviceKey;
            // Not seen before it says something; who is invisible is not seen at all.
            _users.DeviceAt(node).Status = isSeen ? report.Status : report.Status == Status.Invisible ? Status.Online : Status.Offline;
            _users.DeviceAt(node).Kinds = report.Kinds;
        }
        else
        {
            TakeFromOlder(from, entry, node, report);
        }

        ref Device device = ref _users.DeviceAt(node);
        device.SessionId = report.SessionId;
        device.State = DeviceState.Live;
        device.GoTo(from, _generations.GetValueOrDefault(from));
        device.LastSeenMs = (uint)(report.Kind == ReportKind.Up ? _time.StampOf(report.LastSeenMs) : _time.Stamp);
        device.Set(DeviceFlags.Http, report.Way is DeviceWay.Stream or DeviceWay.Lease);
        shard.Wheel.Cancel(node);
        if (report.Way == DeviceWay.Lease)
        {
            // Its edge says when it is over; while this is armed the lease outlives its edge (RemoteSweep).
            shard.Deadlines.Arm(node);
        }

        return node;
    }

    private void TakeFromOlder(ShardAddress from, int entry, int node, in SessionReport report)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.IsRemote)
        {
            if (device.Edge.Node != from.Node && device.SessionId != report.SessionId)
            {
                Words.Replace(entry, device);
            }
        }
        else
        {
            shard.Takeovers.LeaveTo(node);
        }
    }

    private int FindSame(ShardAddress from, in SessionReport report)
    {
        int node = Find(report);
        return node >= 0 && _users.DeviceAt(node) is { IsRemote: true } device && device.Edge == from && device.SessionId == report.SessionId ? node : UserTable.None;
    }
}
