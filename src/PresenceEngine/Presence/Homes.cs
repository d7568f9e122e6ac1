namespace Presence.Engine;

/// <summary>The home of each user as its edge sees it: on this shard, in the same turn, or a node away, by reports. The edge knows no difference.</summary>
internal sealed class Homes(Shard shard)
{
    private readonly UserTable _users = shard.Users;

    private Home Home => shard.Home;

    /// <summary>A user has come into memory.</summary>
    public void Load(int entry)
    {
        if (shard.Routing.IsHere(_users[entry].UserId))
        {
            Home.Load(entry);
        }
        else
        {
            _users[entry].Set(UserFlags.Elsewhere, true);
        }
    }

    public void Up(in DeviceUp up)
    {
        int entry = _users.Find(up.UserId);
        Home.HandOver.Follow(entry);
        if (IsElsewhere(entry))
        {
            shard.Nodes!.Homes.Up(entry, _users.FindDevice(entry, up.DeviceKey), up.Hidden, isComing: true);
        }
        else
        {
            Home.Up(up);
        }
    }

    /// <summary>The connection of a device is lost; a home that is here knows it by the device.</summary>
    public void Held(int node, long slotMs = 0)
    {
        int entry = _users.OwnerOf(node);
        Home.HandOver.Follow(entry);
        if (IsElsewhere(entry))
        {
            shard.Nodes!.Homes.Held(entry, _users.DeviceAt(node), slotMs);
        }
    }

    /// <inheritdoc cref="Home.Down"/>
    public void Down(in DeviceDown down)
    {
        if (IsElsewhere(_users.Find(down.UserId)))
        {
            shard.Nodes!.Homes.Down(down);
        }
        else
        {
            Home.Down(down);
        }
    }

    /// <inheritdoc cref="Home.SetStatus"/>
    public void SetStatus(StatusChange change)
    {
        int entry = Home.HandOver.Follow(change.UserId);
        if (shard.Routing.IsHere(change.UserId))
        {
            if (shard.Nodes?.Homes.Statuses.TryWait(change) is not true)
            {
                Home.SetStatus(change);
            }

            return;
        }

        int node = entry < 0 ? UserTable.None : _users.FindDevice(entry, change.DeviceKey);
        if (node >= 0)
        {
            ref Device device = ref _users.DeviceAt(node);
            change.Judge(change.Repeats(device.Asked));
            device.Asks(change.Status);
            shard.Presences.Said(node, change);
        }

        shard.Nodes!.Homes.Statuses.Set(change, node);
    }

    /// <summary>Says again what a node did nothing of, since it was not the home.</summary>
    public void Say(in AskedStatus asked)
    {
        if (!shard.Routing.IsHere(asked.UserId))
        {
            shard.Nodes!.Homes.Statuses.Say(asked);
        }
        else if (asked.Kind == ReportKind.Left)
        {
            Left(asked.Change, asked.WasSeen, asked.UpTo);
        }
        else
        {
            SetStatus(asked.Change);
        }
    }

    /// <inheritdoc cref="Home.ActivityChanged"/>
    public void ActivityChanged(int node)
    {
        int entry = _users.OwnerOf(node);
        Home.HandOver.Follow(entry);
        if (IsElsewhere(entry))
        {
            shard.Nodes!.Homes.Up(entry, node, hidden: false);
        }
        else
        {
            Home.ActivityChanged(entry);
        }
    }

    /// <summary>All that a user has over HTTP ends on purpose; what it had here has ended.</summary>
    /// <param name="wasSeen">It counts to the user's rate.</param>
    /// <param name="upTo">Sessions that began behind it go on.</param>
    public void Left(StatusChange change, bool wasSeen, ulong upTo)
    {
        if (!shard.Routing.IsHere(change.UserId))
        {
            shard.Nodes!.Homes.Statuses.Left(change, wasSeen, upTo);
            return;
        }

        if (shard.Nodes is { } nodes)
        {
            nodes.Sessions.Leavings.Add(change.UserId, upTo);
            wasSeen |= shard.Leases.End(change.UserId, upTo);
        }

        if (wasSeen)
        {
            Home.CountLeaving(change.UserId);
        }

        Home.Answers.Report(change);
    }

    private bool IsElsewhere(int entry) => entry >= 0 && _users[entry].Has(UserFlags.Elsewhere);
}
