using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What a home says to the edges of its users, a node away, of their sessions.</summary>
internal sealed class HomeWords(Shard shard)
{
    private readonly UserTable _users = shard.Users;

    /// <summary>A session here has taken the place of one at another edge.</summary>
    public void Replace(int entry, in Device device) => Replace(device.Edge.Node, _users[entry].UserId, device.Key, device.SessionId);

    /// <param name="by">The newer session, when that it began may not have been heard; else 0.</param>
    public void Replace(int edge, ulong userId, ulong deviceKey, ulong sessionId, ulong by = 0) => Say(edge, new HomeWord(HomeWordKind.Replaced)
    {
        UserId = userId,
        DeviceKey = deviceKey,
        SessionId = sessionId,
        Version = by,
    });

    /// <summary>A device over HTTP, at another edge, has been ended by its user.</summary>
    /// <param name="upTo">As of when.</param>
    public void End(ulong userId, int edge, ulong deviceKey, ulong sessionId, ulong upTo) => Say(edge, new HomeWord(HomeWordKind.Ended)
    {
        UserId = userId,
        DeviceKey = deviceKey,
        SessionId = sessionId,
        Version = upTo,
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

    /// <inheritdoc cref="TellOwn(int, int)"/>
    public void TellOwn(int entry, in Device device)
    {
        if (device.IsRemote)
        {
            Say(device.Edge.Node, new HomeWord(HomeWordKind.Own) { UserId = _users[entry].UserId, IsInvisible = _users[entry].Has(UserFlags.Invisible), Version = _users[entry].Version });
        }
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

    /// <summary>A word of which nobody knows whether it was heard, to be said again if it is that a session is over, and it still is.</summary>
    public HomeWord? StillOver(in HomeWord word)
    {
        if (word.Kind is not (HomeWordKind.Replaced or HomeWordKind.Ended or HomeWordKind.NoPlace or HomeWordKind.NoRoom) || !shard.Routing.IsHere(word.UserId))
        {
            // Whoever is home by now hears of the session by its edge.
            return null;
        }

        ulong present = _users.FindDeviceOf(word.UserId, word.DeviceKey) is >= 0 and var node ? _users.DeviceAt(node).SessionId : 0;
        return present == word.SessionId ? null : word with { Version = Math.Max(word.Version, word.Kind == HomeWordKind.Replaced ? present : 0) };
    }

    /// <summary>Nothing was done of a change: the edge takes back what it noted of it.</summary>
    public void Refused(int edge, in SessionReport report)
    {
        if (_users.FindDeviceOf(report.UserId, report.DeviceKey) is >= 0 and var node)
        {
            TellSaid(_users.OwnerOf(node), node, report.Token);
        }

        Say(edge, new HomeWord(HomeWordKind.Refused) { Token = report.Token });
    }

    /// <summary>Nothing was done of a report: whoever waits for an answer gets one.</summary>
    public void Refuse(ShardAddress from, in SessionReport report, HomeWordKind word)
    {
        if (report.Kind is ReportKind.Status or ReportKind.Left)
        {
            Say(from.Node, new HomeWord(word) { Token = report.Token });
        }
    }

    /// <summary>A device has no place, or its user no room: its edge lets it go, and tells whoever it is.</summary>
    public void RefuseDevice(ShardAddress from, in SessionReport report, HomeWordKind word) => Say(from.Node, new HomeWord(word)
    {
        Token = report.Token,
        UserId = report.UserId,
        DeviceKey = report.DeviceKey,
        SessionId = report.SessionId,
    });

    public void Say(int node, in HomeWord word) => shard.Nodes!.To(node)?.Words.Add(word);
}
