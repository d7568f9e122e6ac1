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

    // By edge: rises with every registration.
    private readonly Dictionary<ShardAddress, int> _generations = [];

    public RemoteSweep Sweep { get; } = new(shard);

    /// <summary>An edge says all of its sessions anew. Who is not named stays as it was until it is through.</summary>
    public void Begin(ShardAddress edge) => _generations[edge] = _generations.GetValueOrDefault(edge) + 1;

    /// <summary>An edge has named all of its sessions: who was not among them is held, as after a loss.</summary>
    public void Complete(ShardAddress edge) => Sweep.Add(edge, _generations.GetValueOrDefault(edge), slotMs: 0, lastSeenMs: -1);

    /// <summary>An edge is gone, or says nothing any more: who does not come by another registration is held.</summary>
    /// <param name="slotMs">So much longer than h.</param>
    /// <param name="lastSeenMs">Unix ms of its last watermark.</param>
    public void Lost(ShardAddress edge, long slotMs, long lastSeenMs)
    {
        Begin(edge);
        shard.Nodes!.Warming.Lost(lastSeenMs);
        Sweep.Add(edge, _generations[edge], slotMs, lastSeenMs);
    }

    public void Take(ShardAddress from, in SessionReport report)
    {
        if (!shard.Routing.IsHere(report.UserId))
        {
            // By the sender's ring it is: the home hears it, once they agree.
            Refuse(from, report, HomeWordKind.NotHome);
            return;
        }

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
                Left(from, report);
                break;
        }
    }

    /// <summary>A session here has taken the place of one at another edge.</summary>
    public void Replace(int entry, in Device device) => Replace(device.Edge.Node, _users[entry].UserId, device.Key, device.SessionId);

    private void Replace(int edge, ulong userId, ulong deviceKey, ulong sessionId, ulong by = 0) => Say(edge, new HomeWord(HomeWordKind.Replaced)
    {
        UserId = userId,
        DeviceKey = deviceKey,
        SessionId = sessionId,
        Version = by,
    });

    /// <summary>The user's sessions at other edges are told what only they may know.</summary>
    /// <param name="edge">At this one alone; negative: at all.</param>
    public void TellOwn(int entry, int edge = -1)
    {
        foreach (int node in _users.DevicesOf(entry))
        {
            ref Device device = ref _users.DeviceAt(node);
            if (edge < 0 || (device.IsRemote && device.Edge.Node == edge))
            {
                TellOwn(entry, device);
            }
        }
    }

    private void TellOwn(int entry, in Device device)
    {
        if (device.IsRemote)
        {
            Say(device.Edge.Node, new HomeWord(HomeWordKind.Own) { UserId = _users[entry].UserId, IsInvisible = _users[entry].Has(UserFlags.Invisible), Version = _users[entry].Version });
        }
    }

    private void Up(ShardAddress from, in SessionReport report)
    {
        if (report.IsHeld && !IsKnown(report) && !shard.Nodes!.Warming.Concerns(report.UserId))
        {
            return;
        }

        int node = FindOrAdd(from, report, out bool isKnown);
        if (node < 0)
        {
            return;
        }

        int entry = _users.OwnerOf(node);
        ref Device device = ref _users.DeviceAt(node);
        bool wasInFold = isKnown && device.IsInFold;
        Describe(entry, node, isKnown, report);
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
        TellOwn(entry, device);
    }

    // What the device is, by its edge, or by what was known of it before.
    private void Describe(int entry, int node, bool isKnown, in SessionReport report)
    {
        ref Device device = ref _users.DeviceAt(node);
        device.Kinds = report.AsBefore && report.Kinds == DeviceKinds.None ? device.Kinds : report.Kinds;
        device.Set(DeviceFlags.ServerAway, report.ServerAway);
        device.Set(DeviceFlags.AsBefore, report.AsBefore && (!isKnown || device.Has(DeviceFlags.AsBefore)));
        shard.Home.GoOnAsBefore(node);
        if (!report.AsBefore)
        {
            device.Status = report.Status;
            device.Set(DeviceFlags.HasText, shard.Presences.DeviceTexts.Set(node, report.Text));
        }
        else if (!device.Has(DeviceFlags.AsBefore))
        {
            TellSaid(entry, node);
        }
    }

    private bool IsKnown(in SessionReport report) => _users.Find(report.UserId) is >= 0 and var entry && _users.FindDevice(entry, report.DeviceKey) >= 0;

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
    }

    private void Set(ShardAddress from, in SessionReport report)
    {
        int node = report.SessionId == 0 ? UserTable.None : FindOrAdd(from, report, out _, isSeen: false);
        if (node < 0 && report.SessionId != 0)
        {
            return;
        }

        shard.Home.SetStatus(new RemoteStatus(this, from.Node, report));
    }

    private void Left(ShardAddress from, in SessionReport report)
    {
        if (report.WasSeen)
        {
            shard.Home.CountLeaving(report.UserId);
        }

        shard.Home.Answers.Report(new RemoteStatus(this, from.Node, report));
    }

    /// <summary>What the home goes by of a device, which its edge, if that is another node, does not know or has thought to be something else.</summary>
    /// <param name="token">Of the change that was not taken; 0: the edge had no word of the device's status.</param>
    public void TellSaid(int entry, int node, ulong token = 0)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (!device.IsRemote)
        {
            return;
        }

        Say(device.Edge.Node, new HomeWord(HomeWordKind.Said)
        {
            Token = token,
            UserId = _users[entry].UserId,
            DeviceKey = device.Key,
            SessionId = device.SessionId,
            State = PresenceState.NeverSeen(_users[entry].UserId) with { Status = device.Status.Value, Kinds = device.Kinds, StatusText = shard.Presences.DeviceTexts.Of(node) },
        });
    }

    // Nothing was done of a change: the edge takes back what it noted of it.
    private void Refused(int edge, in SessionReport report)
    {
        int entry = _users.Find(report.UserId);
        if (entry >= 0 && _users.FindDevice(entry, report.DeviceKey) is >= 0 and var node)
        {
            TellSaid(entry, node, report.Token);
        }

        Say(edge, new HomeWord(HomeWordKind.Refused) { Token = report.Token });
    }

    // Whoever waits for an answer gets one.
    private void Refuse(ShardAddress from, in SessionReport report, HomeWordKind word)
    {
        if (report.Kind is ReportKind.Status or ReportKind.Left)
        {
            Say(from.Node, new HomeWord(word) { Token = report.Token });
        }
    }

    // Its edge lets it go, and tells whoever it is.
    private void RefuseDevice(ShardAddress from, in SessionReport report) => Say(from.Node, new HomeWord(HomeWordKind.NoPlace)
    {
        Token = report.Token,
        UserId = report.UserId,
        DeviceKey = report.DeviceKey,
        SessionId = report.SessionId,
    });

    private void Say(int node, in HomeWord word) => shard.Nodes!.To(node)?.Words.Add(word);

    // The device that a report speaks of, live at its edge; UserTable.None when a newer session has it, or there is no room: who waits for an answer has got one then.
    private int FindOrAdd(ShardAddress from, in SessionReport report, out bool isKnown, bool isSeen = true)
    {
        isKnown = false;
        if (!shard.Edge.HasRoomFor(report.UserId))
        {
            shard.Counters.SessionsRefused++;
            Refuse(from, report, HomeWordKind.NotDurable);
            return UserTable.None;
        }

        int entry = shard.Edge.FindOrLoad(report.UserId);
        shard.Home.HandOver.Follow(entry);
        int node = _users.FindDevice(entry, report.DeviceKey);
        if (node >= 0 && _users.DeviceAt(node).SessionId > report.SessionId)
        {
            // That it was replaced it has not heard, or it would not speak.
            Replace(from.Node, report.UserId, report.DeviceKey, report.SessionId, _users.DeviceAt(node).SessionId);
            Refuse(from, report, HomeWordKind.NotDurable);
            return UserTable.None;
        }

        isKnown = node >= 0;
        if (node < 0)
        {
            if (_users[entry].Devices >= shard.Options.MaxDevices)
            {
                shard.Edge.RemoveIfEmpty(entry);
                RefuseDevice(from, report);
                return UserTable.None;
            }

            node = _users.AddDevice(entry);
            _users.DeviceAt(node).Key = report.DeviceKey;
            // Not seen before it says something.
            _users.DeviceAt(node).Status = isSeen ? report.Status : Status.Offline;
            _users.DeviceAt(node).Kinds = report.Kinds;
        }
        else
        {
            TakeFromOlder(from, entry, node, report);
        }

        ref Device device = ref _users.DeviceAt(node);
        device.SessionId = report.SessionId;
        device.State = DeviceState.Live;
        device.Edge = from;
        device.Generation = _generations.GetValueOrDefault(from);
        device.LastSeenMs = (uint)(report.Kind == ReportKind.Up ? _time.StampOf(report.LastSeenMs) : _time.Stamp);
        shard.Wheel.Cancel(node);
        return node;
    }

    private void TakeFromOlder(ShardAddress from, int entry, int node, in SessionReport report)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.IsRemote)
        {
            if (device.Edge.Node != from.Node && device.SessionId != report.SessionId)
            {
                Replace(entry, device);
            }
        }
        else
        {
            shard.Takeovers.LeaveTo(node);
        }
    }

    private int FindSame(ShardAddress from, in SessionReport report)
    {
        int entry = _users.Find(report.UserId);
        int node = entry < 0 ? UserTable.None : _users.FindDevice(entry, report.DeviceKey);
        return node >= 0 && _users.DeviceAt(node) is { IsRemote: true } device && device.Edge == from && device.SessionId == report.SessionId ? node : UserTable.None;
    }

    /// <summary>A status that was set at another edge.</summary>
    private sealed class RemoteStatus(RemoteSessions sessions, int edge, SessionReport report) : StatusChange(report.Status, report.Text)
    {
        internal override ulong UserId => report.UserId;

        internal override ulong DeviceKey => report.DeviceKey;

        internal override bool Repeats(Status asked) => report.IsRepetition;

        internal override void Apply(Shard shard) => throw new NotSupportedException("It comes by a channel, not by the inbox.");

        internal override void Applied(Outbox outbox, in PresenceState visible) => Answer(HomeWordKind.Applied, visible);

        internal override void Waits() => Answer(HomeWordKind.Waits);

        internal override void Refused(Outbox outbox, int allowed) => sessions.Refused(edge, report);

        internal override void NotDurable(Outbox outbox) => Answer(HomeWordKind.NotDurable);

        internal override void NotHome(Shard shard) => Answer(HomeWordKind.NotHome);

        private void Answer(HomeWordKind kind, in PresenceState state = default) => sessions.Say(edge, new HomeWord(kind) { Token = report.Token, State = state });
    }
}
