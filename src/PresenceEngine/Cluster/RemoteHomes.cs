using Presence.Protocol;

namespace Presence.Engine;

/// <summary>The homes that are on other nodes, as an edge deals with them: tells them of its sessions, asks them, and waits for their answers, not for ever.</summary>
internal sealed class RemoteHomes(Shard shard)
{
    // An id begins with the shard that waits for its answer: who brings it may be another.
    private const int ShardShift = 48;

    // A home that has not answered by then is one that nobody reaches.
    private const long AnswerWithinMs = 2_000;

    private readonly UserTable _users = shard.Users;
    private readonly Dictionary<ulong, (Question Question, int Node, long Until)> _questions = [];
    private readonly Dictionary<ulong, AskedStatus> _changes = [];
    private readonly List<ulong> _over = [];
    private long _asked;
    private ulong _lastId = (ulong)shard.Address.Shard << ShardShift;

    /// <summary>Questions and statuses that wait for a home.</summary>
    public int Waiting => _questions.Count + _changes.Count + Again.Count;

    public StatusesAgain Again { get; } = new(shard);

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
                Held(entry, device, slotMs: 0);
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
    public void Up(int entry, int node, bool hidden, ulong? hiddenAsOf = null, bool isHeld = false)
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
            LastSeenMs = shard.Time.WallAt(shard.Edge.LastSeen(device)),
        });
        if (shard.IsStopping)
        {
            // It was told when to come back, here or elsewhere.
            Held(entry, device, slotMs: 0);
        }
    }

    public void Held(int entry, in Device device, long slotMs) => Report(new(ReportKind.Held, _users[entry].UserId, device.Key, device.SessionId)
    {
        LastSeenMs = shard.Time.WallAt(shard.Edge.LastSeen(device)),
        SlotMs = Math.Max(slotMs, shard.Draining.LeftMs),
    });

    public void Down(in DeviceDown down) => Report(new(ReportKind.Down, down.UserId, down.DeviceKey, down.SessionId) { LastSeenMs = down.LastSeenMs, Cause = down.Cause });

    /// <summary>A status for the home to apply; answered when it has, or when nobody waits any longer.</summary>
    /// <param name="node">Of the device, when it is here.</param>
    public void Set(StatusChange change, int node) => Say(Asked(change, ReportKind.Status), node);

    /// <summary>All that the user had over HTTP has ended: it counts to its rate, when it was seen.</summary>
    public void Left(StatusChange change, bool wasSeen) => Say(Asked(change, ReportKind.Left) with { WasSeen = wasSeen }, UserTable.None);

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
        bool isBehind = Again.IsBehind(change.UserId);
        if (isBehind)
        {
            Again.Add(Asked(change, ReportKind.Status));
        }

        return isBehind;
    }

    /// <summary>The ring is another.</summary>
    public void Follow() => Again.Follow(_changes.Values);

    private AskedStatus Asked(StatusChange change, ReportKind kind) => new(change, kind, ++_asked, shard.Time.Now + shard.Options.DurableWithinMs);

    private void Say(in AskedStatus asked, int node)
    {
        StatusChange change = asked.Change;
        if (Again.IsBehind(change.UserId))
        {
            Again.Add(asked);
            return;
        }

        if (Expect(asked) is not { } token)
        {
            return;
        }

        bool isHere = node >= 0;
        var report = new SessionReport(asked.Kind, change.UserId, change.DeviceKey, isHere ? _users.DeviceAt(node).SessionId : 0)
        {
            Status = change.Status,
            Kinds = isHere ? _users.DeviceAt(node).Kinds : DeviceKinds.None,
            Text = change.Text,
            IsRepetition = change.IsRepetition,
            WasSeen = asked.WasSeen,
            Token = token,
        };
        if (!Report(report))
        {
            Fail(token);
        }
    }

    public void Ask(int node, Question question)
    {
        if (shard.Nodes!.To(node) is not { } batch)
        {
            AnswerUnknown(question);
            return;
        }

        _questions[++_lastId] = (question, node, shard.Time.Now + AnswerWithinMs);
        batch.Questions.Add(new(_lastId, question.Pending.Asker, question.UserIds) { Told = question.Told });
    }

    /// <summary>Brings an answer to the shard that waits for it.</summary>
    public void Take(in PeerAnswer answer) => shard.TellShard(ShardOf(answer.Id), new AnswerArrived(answer));

    /// <inheritdoc cref="Take(in PeerAnswer)"/>
    public void Take(in HomeWord word)
    {
        var arrived = new WordArrived(word);
        if (word.Kind is HomeWordKind.Replaced or HomeWordKind.Own or HomeWordKind.Said)
        {
            shard.Tell(word.UserId, arrived);
        }
        else
        {
            shard.TellShard(ShardOf(word.Token), arrived);
        }
    }

    /// <summary>Nobody knows what a node has heard of what was said, or it is gone: who waits for it is told.</summary>
    public void Lost(int node)
    {
        _over.AddRange(_questions.Where(one => one.Value.Node == node).Select(static one => one.Key));
        _over.AddRange(_changes.Where(one => one.Value.Node == node).Select(static one => one.Key));
        FailThoseOver();
    }

    /// <summary>Waits for nobody for ever.</summary>
    public void Tick()
    {
        Again.Tick();
        long now = shard.Time.Now;
        foreach ((ulong id, (Question Question, int Node, long Until) one) in _questions)
        {
            AddIf(one.Until <= now, id);
        }

        foreach ((ulong id, AskedStatus one) in _changes)
        {
            AddIf(one.Until <= now, id);
        }

        FailThoseOver();
    }

    private static int ShardOf(ulong id) => (int)(id >> ShardShift);

    private void AddIf(bool isOver, ulong id)
    {
        if (isOver)
        {
            _over.Add(id);
        }
    }

    private void FailThoseOver()
    {
        _over.ForEach(Fail);
        _over.Clear();
    }

    private void Fail(ulong id)
    {
        if (_questions.Remove(id, out (Question Question, int Node, long Until) asked))
        {
            AnswerUnknown(asked.Question);
        }
        else if (TryEnd(id, out AskedStatus set))
        {
            set.Change.NotDurable(shard.Outbox);
        }
    }

    private bool TryEnd(ulong token, out AskedStatus asked, bool isToBeSaid = false)
    {
        bool isKnown = _changes.Remove(token, out asked);
        if (isKnown)
        {
            Again.Ended(asked, isToBeSaid);
        }

        return isKnown;
    }

    // At most as many as may wait for the journal.
    private ulong? Expect(in AskedStatus asked)
    {
        if (_changes.Count + Again.Count >= shard.Options.MaxWaitingForJournal)
        {
            asked.Change.NotDurable(shard.Outbox);
            return null;
        }

        _changes[++_lastId] = asked with { Node = shard.Routing.NodeOf(asked.Change.UserId) };
        return _lastId;
    }

    private bool Report(in SessionReport report)
    {
        if (shard.Nodes!.To(shard.Routing.NodeOf(report.UserId)) is not { } batch)
        {
            return false;
        }

        batch.Reports.Add(report);
        return true;
    }

    private void AnswerUnknown(Question question)
    {
        for (int i = 0; i < question.UserIds.Length; i++)
        {
            question.States[i] = PresenceState.Unknown(question.UserIds[i], PresenceState.NoTime);
        }

        shard.Watching.Answered(question);
    }

    private void Answer(in PeerAnswer answer)
    {
        if (_questions.Remove(answer.Id, out (Question Question, int Node, long Until) asked) && answer.States.Length == asked.Question.UserIds.Length)
        {
            answer.States.CopyTo(asked.Question.States, 0);
            asked.Question.AskerIsInvisible = answer.AskerIsInvisible;
            shard.Watching.Answered(asked.Question);
        }
    }

    private void Hear(in HomeWord word)
    {
        switch (word.Kind)
        {
            case HomeWordKind.Replaced:
                shard.Takeovers.ReplacedElsewhere(word.UserId, word.DeviceKey, word.SessionId);
                break;
            case HomeWordKind.Said:
                Said(word);
                break;
            case HomeWordKind.Own when _users.Find(word.UserId) is >= 0 and var entry && _users[entry].Has(UserFlags.Elsewhere):
                _users[entry].Set(UserFlags.Invisible, word.IsInvisible);
                _users[entry].Version = word.Version;
                shard.OwnView.Tell(entry);
                break;
            case HomeWordKind.NotHome:
                TryEnd(word.Token, out _, isToBeSaid: true);
                break;
            case HomeWordKind.Applied or HomeWordKind.NotDurable or HomeWordKind.Refused when TryEnd(word.Token, out AskedStatus set):
                Answer(set.Change, word);
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
                // It has said something meanwhile.
                return;
            }

            device.Set(DeviceFlags.HasText, shard.Presences.DeviceTexts.Set(node, word.State.StatusText));
            if (isAwayNoMore)
            {
                Up(entry, node, hidden: false);
            }
        }
    }

    private void Answer(StatusChange change, in HomeWord word)
    {
        switch (word.Kind)
        {
            case HomeWordKind.Applied:
                change.Applied(shard.Outbox, word.State);
                break;
            case HomeWordKind.Refused:
                change.Refused(shard.Outbox, StatusThrottle.MaxWaiting);
                break;
            default:
                change.NotDurable(shard.Outbox);
                break;
        }
    }

    private sealed class AnswerArrived(PeerAnswer answer) : PeerMessage
    {
        internal override int Weight => answer.States.Length;

        internal override void Apply(Shard shard) => shard.Nodes!.Homes.Answer(answer);
    }

    private sealed class WordArrived(HomeWord word) : PeerMessage
    {
        internal override void Apply(Shard shard) => shard.Nodes!.Homes.Hear(word);
    }
}
