using Presence.Protocol;

namespace Presence.Engine;

/// <summary>Statuses that homes on other nodes are to apply, as their edge deals with them: says each, and waits for its answer, not for ever.</summary>
internal sealed class RemoteStatuses
{
    private readonly Shard _shard;
    private readonly UserTable _users;
    private readonly StatusesAgain _again;
    private readonly Dictionary<ulong, AskedStatus> _underWay = [];
    private readonly List<ulong> _over = [];
    private long _asked;
    private ulong _lastToken;

    public RemoteStatuses(Shard shard)
    {
        (_shard, _users, _again) = (shard, shard.Users, new(shard));
        _lastToken = RemoteHomes.FirstId(shard);
    }

    /// <summary>Those that are not answered.</summary>
    public int Waiting => _underWay.Count + _again.Count;

    /// <summary>A status for the home to apply; answered when it has, or when nobody waits any longer.</summary>
    /// <param name="change">What was asked.</param>
    /// <param name="node">Of the device, when it is here.</param>
    public void Set(StatusChange change, int node) => Say(Asked(change, ReportKind.Status), node);

    /// <summary>All that the user has over HTTP ends: it counts to its rate, when it was seen.</summary>
    public void Left(StatusChange change, bool wasSeen, ulong upTo) => Say(Asked(change, ReportKind.Left) with { WasSeen = wasSeen, UpTo = upTo }, UserTable.None);

    /// <summary>Says again what was said to who is not the home.</summary>
    public void Say(in AskedStatus asked)
    {
        int entry = _users.Find(asked.UserId);
        Say(asked, entry < 0 ? UserTable.None : _users.FindDevice(entry, asked.Change.DeviceKey));
    }

    /// <summary>A status of a user whose home is here by now, while others of it are on their way.</summary>
    /// <returns>False: there are none.</returns>
    public bool TryWait(StatusChange change)
    {
        bool isBehind = _again.IsBehind(change.UserId);
        if (isBehind)
        {
            _again.Add(Asked(change, ReportKind.Status));
        }

        return isBehind;
    }

    /// <summary>The ring is another.</summary>
    public void Follow() => _again.Follow(_underWay.Values);

    /// <inheritdoc cref="RemoteHomes.Lost"/>
    public void Lost(int node)
    {
        _over.AddRange(_underWay.Where(one => one.Value.Node == node).Select(static one => one.Key));
        FailThoseOver();
    }

    /// <inheritdoc cref="RemoteHomes.Tick"/>
    public void Tick()
    {
        _again.Tick();
        long now = _shard.Time.Now;
        foreach ((ulong token, AskedStatus one) in _underWay)
        {
            if (one.Until <= now)
            {
                _over.Add(token);
            }
        }

        FailThoseOver();
    }

    /// <summary>The home has a word on one.</summary>
    public void Hear(in HomeWord word)
    {
        if (word.Kind == HomeWordKind.Waits)
        {
            GiveTime(word.Token);
        }
        else if (TryEnd(word.Token, out AskedStatus asked, isToBeSaid: word.Kind == HomeWordKind.NotHome))
        {
            Answer(asked.Change, word);
        }
    }

    private AskedStatus Asked(StatusChange change, ReportKind kind) => new(change, kind, ++_asked, _shard.Time.Now + _shard.Options.DurableWithinMs);

    private void Say(in AskedStatus asked, int node)
    {
        StatusChange change = asked.Change;
        if (_again.IsBehind(change.UserId))
        {
            _again.Add(asked);
            return;
        }

        if (Expect(asked) is not { } token)
        {
            return;
        }

        bool isHere = node >= 0 && asked.Kind == ReportKind.Status;
        var report = new SessionReport(asked.Kind, change.UserId, change.DeviceKey, isHere ? _users.DeviceAt(node).SessionId : asked.UpTo)
        {
            Status = change.Status,
            Kinds = isHere ? _users.DeviceAt(node).Kinds : DeviceKinds.None,
            Text = change.Text,
            Way = isHere ? RemoteHomes.WayOf(_users.DeviceAt(node)) : DeviceWay.Session,
            IsRepetition = change.IsRepetition,
            WasSeen = asked.WasSeen,
            Token = token,
        };
        if (!_shard.Nodes!.Homes.Report(report))
        {
            Fail(token);
        }
    }

    // At most as many as may wait for the journal.
    private ulong? Expect(in AskedStatus asked)
    {
        if (Waiting >= _shard.Options.MaxWaitingForJournal)
        {
            asked.Change.NotDurable(_shard.Outbox);
            return null;
        }

        _underWay[++_lastToken] = asked with { Node = _shard.Routing.NodeOf(asked.UserId) };
        return _lastToken;
    }

    private void FailThoseOver()
    {
        _over.ForEach(Fail);
        _over.Clear();
    }

    private void Fail(ulong token)
    {
        if (TryEnd(token, out AskedStatus asked))
        {
            asked.Change.NotDurable(_shard.Outbox);
        }
    }

    // The user's rate delays it, as long as it may.
    private void GiveTime(ulong token)
    {
        if (_underWay.TryGetValue(token, out AskedStatus waits))
        {
            _underWay[token] = waits with { Until = _shard.Time.Now + _shard.Options.StatusChangesPerMs + _shard.Options.DurableWithinMs };
        }
    }

    private bool TryEnd(ulong token, out AskedStatus asked, bool isToBeSaid = false)
    {
        bool isKnown = _underWay.Remove(token, out asked);
        if (isKnown)
        {
            _again.Ended(asked, isToBeSaid);
        }

        return isKnown;
    }

    private void Answer(StatusChange change, in HomeWord word)
    {
        switch (word.Kind)
        {
            case HomeWordKind.Applied:
                change.Applied(_shard.Outbox, word.State);
                break;
            case HomeWordKind.Refused:
                change.Refused(_shard.Outbox, StatusThrottle.MaxWaiting);
                break;
            case HomeWordKind.NoPlace:
                change.NoPlace(_shard.Outbox, _shard.Options.MaxDevices);
                break;
            case HomeWordKind.NoRoom:
                change.NoRoom(_shard.Outbox, _shard.Options.MaxUsers);
                break;
            case HomeWordKind.NotDurable:
                change.NotDurable(_shard.Outbox);
                break;
        }
    }
}
