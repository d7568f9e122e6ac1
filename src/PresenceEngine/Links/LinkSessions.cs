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

    /// <summary>A device on a link is gone.</summary>
    public void Down(GatewayLink link, int node, long lastSeenWallMs, TransitionCause cause)
    {
        link.Users--;
        link.Downs++;
        link.Named -= IsNamed(link, _users.DeviceAt(node)) ? 1 : 0;
        shard.Edge.Down(node, lastSeenWallMs, cause);
    }

    public static bool IsNamed(GatewayLink link, in Device device) => device.Generation == link.Generation % Device.Generations;

    private static LinkTally Count(GatewayLink link, in Tally tally)
    {
        link.Ups += tally.CameUp;
        link.PassedOver += tally.PassedOver;
        link.Refused += tally.Refused;
        return new(tally.CameUp, tally.WentDown, tally.PassedOver, tally.Refused);
    }

    private void Beat(GatewayLink link, LinkBatch batch, ReadOnlySpan<ulong> ids, ReadOnlySpan<int> hints, ref Tally tally)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int entry = _users.Find(ids[i], hints[i]);
            int node = entry < 0 ? UserTable.None : _users.FindDevice(entry, link.DeviceKey);
            if (node >= 0)
            {
                Name(link, ref _users.DeviceAt(node));
            }
            else if (batch.KnownOnly)
            {
                tally.Refused++;
            }
            else
            {
                ComeUp(link, ids[i], entry, Status.Unspecified, DeviceKinds.None, ref tally);
            }
        }
    }

    private void Up(GatewayLink link, LinkBatch batch, ReadOnlySpan<ulong> ids, ReadOnlySpan<int> hints, ref Tally tally)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int entry = _users.Find(ids[i], hints[i]);
            int node = entry < 0 ? UserTable.None : _users.FindDevice(entry, link.DeviceKey);
            if (node >= 0)
            {
                Name(link, ref _users.DeviceAt(node));
                Change(entry, ref _users.DeviceAt(node), batch);
            }
            else
            {
                ComeUp(link, ids[i], entry, batch.Status, batch.Kinds, ref tally);
            }
        }
    }

    private void Down(GatewayLink link, ReadOnlySpan<ulong> ids, ReadOnlySpan<int> hints, ref Tally tally)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            int entry = _users.Find(ids[i], hints[i]);
            int node = entry < 0 ? UserTable.None : _users.FindDevice(entry, link.DeviceKey);
            if (node >= 0)
            {
                Down(link, node, _time.WallMs, TransitionCause.Goodbye);
                tally.WentDown++;
            }
            else
            {
                tally.PassedOver++;
            }
        }
    }

    private void Name(GatewayLink link, ref Device device)
    {
        device.LastSeenMs = (uint)_time.Stamp;
        if (!IsNamed(link, device))
        {
            device.Generation = link.Generation;
            link.Named++;
        }
    }

    private void Change(int entry, ref Device device, LinkBatch batch)
    {
        Status status = batch.Status == Status.Unspecified ? device.Status.Value : batch.Status;
        DeviceKinds kinds = batch.Kinds == DeviceKinds.None ? device.Kinds : batch.Kinds;
        device.Set(DeviceFlags.AsBefore, device.Has(DeviceFlags.AsBefore) && batch.Status == Status.Unspecified);
        if (status != device.Status.Value || kinds != device.Kinds)
        {
            device.Status = status;
            device.Kinds = kinds;
            Tell(entry, device);
        }
    }

    private void ComeUp(GatewayLink link, ulong id, int entry, Status status, DeviceKinds kinds, ref Tally tally)
    {
        entry = entry >= 0 ? entry : Add(id);
        int phantom = _users.FindDevice(entry, Recovery.PhantomKey);
        if (phantom < 0 && _users[entry].Devices >= shard.Options.MaxDevices)
        {
            tally.Refused++;
            return;
        }

        // The phantom of a user of before a restart becomes the device: nobody sees a difference.
        int node = phantom >= 0 ? phantom : _users.AddDevice(entry);
        bool isLoading = _users[entry].Has(UserFlags.Loading);
        ref Device device = ref _users.DeviceAt(node);
        (Status status, DeviceKinds kinds) before = (device.Status.Value, device.Kinds);
        device.Status = status == Status.Unspecified ? Status.Online : status;
        device.Kinds = kinds;
        device.Set(DeviceFlags.AsBefore, status == Status.Unspecified && (isLoading || phantom >= 0));
        if (phantom >= 0)
        {
            Recovery.GoOn(ref device, before.status, before.kinds);
        }

        Begin(link, node, ref device);
        tally.CameUp++;
        if (!isLoading)
        {
            Tell(entry, device);
        }
    }

    private int Add(ulong id)
    {
        int entry = _users.Add(id);
        shard.Home.Load(entry);
        return entry;
    }

    private void Begin(GatewayLink link, int node, ref Device device)
    {
        _session = _session != 0 ? _session : shard.Versions.Next(_time.WallMs);
        device.Key = link.DeviceKey;
        device.SessionId = _session;
        device.State = DeviceState.Live;
        device.Gateway = link.Ordinal;
        device.Generation = link.Generation;
        device.LastSeenMs = (uint)_time.Stamp;
        link.Users++;
        link.Named++;
        shard.Wheel.Arm(node, ref device.Link, TimingWheel.TickAtOrAfter(_time.Now + shard.Options.SilentAfterMs));
    }

    private void Tell(int entry, in Device device) => shard.Home.Up(new(_users[entry].UserId, device.Key, device.SessionId, Hidden: false));

    private struct Tally
    {
        public int CameUp;
        public int WentDown;
        public int PassedOver;
        public int Refused;
    }
}
