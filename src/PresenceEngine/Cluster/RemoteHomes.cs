using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>The homes that are on other nodes, as an edge deals with them: tells them of its sessions, and hears their words.</summary>
internal sealed class RemoteHomes(Shard shard)
{
    private const int ShardShift = 48;

    private readonly UserTable _users = shard.Users;

    public RemoteQuestions Questions { get; } = new(shard);

    public RemoteStatuses Statuses { get; } = new(shard);

    /// <summary>Questions and statuses that wait for a home.</summary>
    public int Waiting => Questions.Waiting + Statuses.Waiting;

    /// <summary>Names all devices that a user has here.</summary>
    public void Name(int entry)
    {
        foreach (int node in _users.DevicesOf(entry))
        {
            ref Device device = ref _users.DeviceAt(node);
            if (device.IsRemote || device.State is not (DeviceState.Live or DeviceState.Held))
            {
                continue;
            }

            Up(entry, node, hidden: false, _users[entry].Has(UserFlags.Invisible) ? _users[entry].Version : null, isHeld: device.State == DeviceState.Held);
            if (device.State == DeviceState.Held && !shard.IsStopping)
            {
                // The time that it has goes on, whoever is home.
                Held(entry, device, HeldBeyondHMs(device));
            }
        }
    }

    /// <summary>A session of the user has come hidden.</summary>
    public void Hide(int entry)
    {
        foreach (int node in _users.DevicesOf(entry))
        {
            if (!_users.DeviceAt(node).IsRemote)
            {
                Up(entry, node, hidden: true);
                return;
            }
        }
    }

    /// <summary>The device is live, as it stands.</summary>
    public void Up(int entry, int node, bool hidden, ulong? hiddenAsOf = null, bool isHeld = false, bool isComing = false)
    {
        ref Device device = ref _users.DeviceAt(node);
        Report(new(ReportKind.Up, _users[entry].UserId, device.Key, device.SessionId)
        {
            Status = device.Status.Value,
            Kinds = device.Kinds,
            Text = shard.Presences.DeviceTexts.Of(node),
            ServerAway = device.Has(DeviceFlags.ServerAway),
            Hidden = hidden,
            HiddenAsOf = hiddenAsOf,
            AsBefore = device.Has(DeviceFlags.AsBefore),
            IsHeld = isHeld,
            Way = WayOf(device),
            IsComing = isComing,
            SaidInvisible = device.Said == Status.Invisible,
            LastSeenMs = shard.Time.WallAt(shard.Edge.LastSeen(device)),
        });
        if (shard.IsStopping)
        {
            // It was told when to come back, here or elsewhere; who has left meanwhile has what is left of that.
            Held(entry, device, device.State == DeviceState.Held ? HeldBeyondHMs(device) : 0);
        }
    }

    public void Held(int entry, in Device device, long slotMs) => Report(new(ReportKind.Held, _users[entry].UserId, device.Key, device.SessionId)
    {
        LastSeenMs = shard.Time.WallAt(shard.Edge.LastSeen(device)),
        SlotMs = shard.Draining.IsUnderWay ? Math.Max(slotMs, shard.Draining.LastSlotInMs) : slotMs,
    });

    public void Down(in DeviceDown down) => Report(new(ReportKind.Down, down.UserId, down.DeviceKey, down.SessionId) { LastSeenMs = down.LastSeenMs, Cause = down.Cause });

    /// <summary>By what a device of this edge is there.</summary>
    public static DeviceWay WayOf(in Device device)
    {
        if (device.IsOnLink)
        {
            return DeviceWay.Link;
        }

        bool isLease = device.Connection == Device.NoConnection && device.State == DeviceState.Live;
        return !device.Has(DeviceFlags.Http) ? DeviceWay.Session : isLease ? DeviceWay.Lease : DeviceWay.Stream;
    }

    /// <summary>Brings an answer to the shard that waits for it.</summary>
    public void Take(in PeerAnswer answer) => shard.TellShard((int)(answer.Id >> ShardShift), new AnswerArrived(answer));

    /// <inheritdoc cref="Take(in PeerAnswer)"/>
    /// <param name="clock">The home's: whoever comes here after a word of a newer session elsewhere is above that.</param>
    public void Take(in HomeWord word, ulong clock)
    {
        var arrived = new WordArrived(word, clock);
        if (word.Kind is HomeWordKind.Replaced or HomeWordKind.Own or HomeWordKind.Said or HomeWordKind.NoPlace or HomeWordKind.NoRoom or HomeWordKind.Ended)
        {
            shard.Tell(word.UserId, arrived);
        }
        else
        {
            shard.TellShard((int)(word.Token >> ShardShift), arrived);
        }
    }

    /// <summary>Nobody knows what a node has heard of what was said, or it is gone: who waits for it is told.</summary>
    public void Lost(int node)
    {
        Questions.Lost(node);
        Statuses.Lost(node);
    }

    /// <summary>Waits for nobody for ever.</summary>
    public void Tick()
    {
        Questions.Tick();
        Statuses.Tick();
    }

    /// <summary>Below all ids that a shard gives: they say who waits for the answer, which another may bring.</summary>
    public static ulong FirstId(Shard shard) => (ulong)shard.Address.Shard << ShardShift;

    /// <returns>False: there is no way to the home.</returns>
    public bool Report(in SessionReport report)
    {
        if (shard.Nodes!.To(shard.Routing.NodeOf(report.UserId)) is not { } batch)
        {
            return false;
        }

        batch.Reports.Add(report);
        return true;
    }

    // From now on; negative: it has been held for so long.
    private long HeldBeyondHMs(in Device device) => shard.Deadlines.HoldLeftMs(device) - shard.Options.HoldMs;

    private void Hear(in HomeWord word)
    {
        switch (word.Kind)
        {
            case HomeWordKind.Replaced:
                shard.Takeovers.ReplacedElsewhere(word.UserId, word.DeviceKey, word.SessionId, by: word.Version);
                break;
            case HomeWordKind.Said:
                Said(word);
                break;
            case HomeWordKind.Ended:
                shard.Leases.Ended(word);
                break;
            case HomeWordKind.Own when _users.Find(word.UserId) is >= 0 and var entry && _users[entry].Has(UserFlags.Elsewhere):
                _users[entry].Set(UserFlags.Invisible, word.IsInvisible);
                _users[entry].Version = word.Version;
                shard.OwnView.Tell(entry);
                break;
            case HomeWordKind.NoPlace or HomeWordKind.NoRoom:
                Statuses.Hear(word);
                shard.Takeovers.RefusedElsewhere(word);
                break;
            case HomeWordKind.Applied or HomeWordKind.NotDurable or HomeWordKind.Refused or HomeWordKind.Waits or HomeWordKind.NotHome:
                Statuses.Hear(word);
                break;
        }
    }

    private void Said(in HomeWord word)
    {
        int entry = _users.Find(word.UserId);
        int node = entry < 0 ? UserTable.None : _users.FindDevice(entry, word.DeviceKey);
        if (node >= 0 && _users[entry].Has(UserFlags.Elsewhere) && _users.DeviceAt(node).SessionId == word.SessionId)
        {
            ref Device device = ref _users.DeviceAt(node);
            bool isAwayNoMore = false;
            if (device.Has(DeviceFlags.AsBefore))
            {
                isAwayNoMore = shard.Edge.GoOn(ref device, word.State.Status, word.State.Kinds);
            }
            else if (word.Token != 0)
            {
                device.Status = word.State.Status;
            }
            else
            {
                // It has said something meanwhile; of its kind nothing, maybe.
                device.Kinds = device.IsOnLink && device.Kinds == DeviceKinds.None ? word.State.Kinds : device.Kinds;
                return;
            }

            device.Set(DeviceFlags.HasText, shard.Presences.DeviceTexts.Set(node, word.State.StatusText));
            if (isAwayNoMore)
            {
                Up(entry, node, hidden: false);
            }
        }
    }

    private sealed class AnswerArrived(PeerAnswer answer) : PeerMessage
    {
        internal override int Weight => answer.States.Length;

        internal override void Apply(Shard shard) => shard.Nodes!.Homes.Questions.Answer(answer);
    }

    private sealed class WordArrived(HomeWord word, ulong clock) : PeerMessage
    {
        internal override void Apply(Shard shard)
        {
            shard.Versions.Merge(clock);
            shard.Nodes!.Homes.Hear(word);
        }
    }
}
