using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>Applies what links say of their users: one device a user and a gateway, without an object or a message of its own.</summary>
internal sealed class LinkSessions(Shard shard)
{
    private readonly int[] _hints = new int[UserTable.Group];
    private readonly UserTable _users = shard.Users;
    private readonly ShardTime _time = shard.Time;

    // Rises for every device only against its own earlier ones, so all of a slice can share one.
    private ulong _session;

    public LinkTally Apply(GatewayLink link, LinkBatch batch, ReadOnlySpan<ulong> ids)
    {
        _session = 0;
        var tally = new Tally();
        for (int from = 0; from < ids.Length; from += UserTable.Group)
        {
            ReadOnlySpan<ulong> group = ids.Slice(from, Math.Min(UserTable.Group, ids.Length - from));
            _users.Guess(group, _hints);
            switch (batch.Verb)
            {
                case LinkVerb.Beat:
                    Beat(link, batch, group, _hints, ref tally);
                    break;
                case LinkVerb.Up:
                    Up(link, batch, group, _hints, ref tally);
                    break;
                case LinkVerb.Down:
                    Down(link, group, _hints, ref tally);
                    break;
            }
        }

        link.Beats += batch.Verb == LinkVerb.Beat ? ids.Length : 0;
        shard.Counters.LinkBeats += batch.Verb == LinkVerb.Beat ? ids.Length : 0;
        return Count(link, tally);
    }

    /// <summary>A device on a link goes.</summary>
    public void Down(GatewayLink link, int node, long lastSeenWallMs, TransitionCause cause)
    {
        link.Set.Remove(_users.DeviceAt(node));
        shard.Edge.Down(node, lastSeenWallMs, cause);
    }

    /// <summary>A device goes that <see cref="LinkSet.IsGone"/>.</summary>
    public void TakeDown(GatewayLink link, int node)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (link.Set.LeftAtMs(device) is >= 0 and var leftAtMs)
        {
            Down(link, node, leftAtMs, TransitionCause.Goodbye);
        }
        else
        {
            Down(link, node, _time.WallAt(shard.Edge.LastSeen(device)), TransitionCause.HoldOver);
        }
    }

    /// <summary>The store has no record of a user who came on links while there was no room for such: it was never here.</summary>
    public void RefuseUnknown(int entry)
    {
        foreach (int node in _users.DevicesOf(entry))
        {
            ref Device device = ref _users.DeviceAt(node);
            shard.Links.Of(device).Set.Refuse(_users[entry].UserId, device, LinkRefusal.Memory);
            shard.Wheel.Cancel(node);
            _users.RemoveDevice(node);
        }

        // Also what was seen of devices that have left meanwhile.
        shard.Presences.Forget(entry);
    }

    private static LinkTally Count(GatewayLink link, in Tally tally)
    {
        link.PassedOver += tally.PassedOver;
        return new(tally.CameUp, tally.WentDown, tally.PassedOver);
    }

    // The device that the user has on the link; it may have one at another node, where its gateway was before.
    private int FindHere(int entry, GatewayLink link) =>
        _users.FindDevice(entry, link.DeviceKey) is >= 0 and var node && !_users.DeviceAt(node).IsRemote ? node : UserTable.None;

    private void Beat(GatewayLink link, LinkBatch batch, ReadOnlySpan<ulong> ids, ReadOnlySpan<int> hints, ref Tally tally)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int entry = _users.Find(ids[i], hints[i]);
            int node = entry < 0 ? UserTable.None : FindHere(entry, link);
            if (node >= 0)
            {
                Name(link, entry, node, Status.Unspecified, DeviceKinds.None, ref tally);
            }
            else
            {
                ComeUp(link, batch, ids[i], entry, Status.Unspecified, DeviceKinds.None, ref tally);
            }
        }
    }

    private void Up(GatewayLink link, LinkBatch batch, ReadOnlySpan<ulong> ids, ReadOnlySpan<int> hints, ref Tally tally)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int entry = _users.Find(ids[i], hints[i]);
            int node = entry < 0 ? UserTable.None : FindHere(entry, link);
            if (node < 0)
            {
                ComeUp(link, batch, ids[i], entry, batch.Status, batch.Kinds, ref tally);
            }
            else if (!Name(link, entry, node, batch.Status, batch.Kinds, ref tally))
            {
                Change(entry, ref _users.DeviceAt(node), batch);
            }
        }
    }

    private void Down(GatewayLink link, ReadOnlySpan<ulong> ids, ReadOnlySpan<int> hints, ref Tally tally)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int entry = _users.Find(ids[i], hints[i]);
            int node = entry < 0 ? UserTable.None : FindHere(entry, link);
            if (node < 0)
            {
                tally.PassedOver++;
            }
            else if (link.Set.IsGone(_users.DeviceAt(node)))
            {
                TakeDown(link, node);
                tally.PassedOver++;
            }
            else
            {
                Down(link, node, _time.WallMs, TransitionCause.Goodbye);
                tally.WentDown++;
            }
        }
    }

    /// <returns>True: it was gone, and has come back as what is said here.</returns>
    private bool Name(GatewayLink link, int entry, int node, Status status, DeviceKinds kinds, ref Tally tally)
    {
        ref Device device = ref _users.DeviceAt(node);
        device.LastSeenMs = (uint)_time.Stamp;
        if (link.Set.IsNamed(device) || !link.Set.Name(ref device))
        {
            return false;
        }

        Begin(ref device, status, kinds, asBefore: false);
        tally.CameUp++;
        Tell(entry, device);
        return true;
    }

    private void Change(int entry, ref Device device, LinkBatch batch)
    {
        Status status = batch.Status == Status.Unspecified ? device.Status.Value : batch.Status;
        DeviceKinds kinds = batch.Kinds == DeviceKinds.None ? device.Kinds : batch.Kinds;
        bool wasAsBefore = device.Has(DeviceFlags.AsBefore);
        device.Set(DeviceFlags.AsBefore, wasAsBefore && batch.Status == Status.Unspecified);
        if (status != device.Status.Value || kinds != device.Kinds || wasAsBefore != device.Has(DeviceFlags.AsBefore))
        {
            device.Status = status;
            device.Kinds = kinds;
            if (device.IsInFold)
            {
                Recovery.RemovePhantom(shard, entry);
            }

            Tell(entry, device);
        }
    }

    private void ComeUp(GatewayLink link, LinkBatch batch, ulong id, int entry, Status status, DeviceKinds kinds, ref Tally tally)
    {
        if (entry < 0 && (batch.PresentOnly || !_users.HasRoom))
        {
            link.Set.Refuse(id, batch.PresentOnly ? LinkRefusal.Store : LinkRefusal.Users);
            return;
        }

        entry = entry >= 0 ? entry : Add(id, batch.KnownOnly);
        int before = FindBefore(entry, link);
        if (before < 0 && _users[entry].Devices >= shard.Options.MaxDevices)
        {
            link.Set.Refuse(id, LinkRefusal.Devices);
            return;
        }

        int node = before >= 0 ? before : _users.AddDevice(entry);
        shard.Takeovers.ComeHere(node);
        ref Device device = ref _users.DeviceAt(node);
        bool goesOn = before >= 0 && !device.Has(DeviceFlags.AsBefore);
        (Status statusBefore, DeviceKinds kindsBefore) = (device.Status.Value, device.Kinds);
        device.Key = link.DeviceKey;
        device.State = DeviceState.Live;
        Begin(ref device, status, kinds, asBefore: goesOn || _users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere));
        link.Set.Add(ref device);
        if (goesOn)
        {
            device.GoOn(statusBefore, kindsBefore);
        }

        shard.Wheel.Arm(node, ref device.Link, TimingWheel.TickAtOrAfter(_time.Now + shard.Options.SilentAfterMs));
        tally.CameUp++;
        _users[entry].Set(UserFlags.IfKnown, _users[entry].Has(UserFlags.IfKnown) && batch.KnownOnly);
        Tell(entry, device);
    }

    // What becomes the device, so that nobody sees a difference: that which its gateway had at another node, or the phantom of a user of before a restart.
    private int FindBefore(int entry, GatewayLink link) =>
        _users.FindDevice(entry, link.DeviceKey) is >= 0 and var node ? node : _users.FindDevice(entry, Recovery.PhantomKey);

    private int Add(ulong id, bool ifKnown)
    {
        int entry = _users.Add(id);
        _users[entry].Set(UserFlags.IfKnown, ifKnown);
        shard.Homes.Load(entry);
        return entry;
    }

    private void Begin(ref Device device, Status status, DeviceKinds kinds, bool asBefore)
    {
        _session = _session > device.SessionId ? _session : shard.Versions.Next(_time.WallMs, device.SessionId);
        device.SessionId = _session;
        device.LastSeenMs = (uint)_time.Stamp;
        device.Status = status == Status.Unspecified ? Status.Online : status;
        device.Kinds = kinds;
        device.Set(DeviceFlags.AsBefore, asBefore && status == Status.Unspecified);
    }

    // On a node that is alone who is being loaded is settled when the store has answered, and there is no other to tell.
    private void Tell(int entry, in Device device)
    {
        if (shard.Nodes is not null || !_users[entry].Has(UserFlags.Loading))
        {
            shard.Homes.Up(new(_users[entry].UserId, device.Key, device.SessionId, Hidden: false));
        }
    }

    private struct Tally
    {
        public int CameUp;
        public int WentDown;
        public int PassedOver;
    }
}
