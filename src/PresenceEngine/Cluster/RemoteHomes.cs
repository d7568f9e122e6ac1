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
    private readonly Dictionary<ulong, (StatusChange Change, int Node, long Until)> _changes = [];
    private readonly List<ulong> _over = [];
    private ulong _lastId = (ulong)shard.Address.Shard << ShardShift;

    /// <summary>Questions and statuses that wait for a home.</summary>
    public int Waiting => _questions.Count + _changes.Count;

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
        Say(new(ReportKind.Up, _users[entry].UserId, device.Key, device.SessionId)
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

    public void Held(int entry, in Device device, long slotMs) => Say(new(ReportKind.Held, _users[entry].UserId, device.Key, device.SessionId)
    {
        LastSeenMs = shard.Time.WallAt(shard.Edge.LastSeen(device)),
        SlotMs = Math.Max(slotMs, shard.Draining.LeftMs),
    });

    public void Down(in DeviceDown down) => Say(new(ReportKind.Down, down.UserId, down.DeviceKey, down.SessionId) { LastSeenMs = down.LastSeenMs, Cause = down.Cause });

    /// <summary>A status for the home to apply; answered when it has, or when nobody waits any longer.</summary>
    /// <param name="node">Of the device, when it is here.</param>
    public void Set(StatusChange change, int node)
    {
        if (Expect(change) is not { } token)
        {
            return;
        }

        bool isHere = node >= 0;
        var report = new SessionReport(ReportKind.Status, change.UserId, change.DeviceKey, isHere ? _users.DeviceAt(node).SessionId : 0)
        {
            Status = change.Status,
            Kinds = isHere ? _users.DeviceAt(node).Kinds : DeviceKinds.None,
            Text = change.Text,
            IsRepetition = change.IsRepetition,
            Token = token,
        };
        if (!Say(report))
        {
            Fail(token);
        }
    }

    /// <summary>All that the user had over HTTP has ended: it counts to its rate, when it was seen.</summary>
    public void Left(StatusChange change, bool wasSeen)
    {
        if (Expect(change) is { } token && !Say(new(ReportKind.Left, change.UserId, change.DeviceKey, 0) { Token = token, WasSeen = wasSeen }))
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
        if (word.Kind is HomeWordKind.Replaced or HomeWordKind.Own or HomeWordKind.Said or HomeWordKind.NoPlace)
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
        long now = shard.Time.Now;
        foreach ((ulong id, (Question Question, int Node, long Until) one) in _questions)
        {
            AddIf(one.Until <= now, id);
        }

        foreach ((ulong id, (StatusChange Change, int Node, long Until) one) in _changes)
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
        else if (_changes.Remove(id, out (StatusChange Change, int Node, long Until) set))
        {
            set.Change.NotDurable(shard.Outbox);
        }
    }

    // At most as many as may wait for the journal.
    private ulong? Expect(StatusChange change)
    {
        if (_changes.Count >= shard.Options.MaxWaitingForJournal)
        {
            change.NotDurable(shard.Outbox);
            return null;
        }

        _changes[++_lastId] = (change, shard.Routing.NodeOf(change.UserId), shard.Time.Now + shard.Options.DurableWithinMs);
        return _lastId;
    }

    private bool Say(in SessionReport report)
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
                shard.Takeovers.ReplacedElsewhere(word.UserId, word.DeviceKey, word.SessionId, by: word.Version);
                break;
            case HomeWordKind.Said:
                Said(word);
                break;
            case HomeWordKind.Own when _users.Find(word.UserId) is >= 0 and var entry && _users[entry].Has(UserFlags.Elsewhere):
                _users[entry].Set(UserFlags.Invisible, word.IsInvisible);
                _users[entry].Version = word.Version;
                shard.OwnView.Tell(entry);
                break;
            case HomeWordKind.NoPlace:
                NoPlace(word);
                break;
            case HomeWordKind.Waits when _changes.TryGetValue(word.Token, out (StatusChange Change, int Node, long Until) waits):
                _changes[word.Token] = waits with { Until = shard.Time.Now + shard.Options.StatusChangesPerMs + shard.Options.DurableWithinMs };
                break;
            case HomeWordKind.Applied or HomeWordKind.NotDurable or HomeWordKind.Refused when _changes.Remove(word.Token, out (StatusChange Change, int Node, long Until) set):
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

    private void NoPlace(in HomeWord word)
    {
        if (_changes.Remove(word.Token, out (StatusChange Change, int Node, long Until) set))
        {
            set.Change.NoPlace(shard.Outbox, shard.Options.MaxDevices);
        }

        shard.Takeovers.RefusedElsewhere(word.UserId, word.DeviceKey, word.SessionId);
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
