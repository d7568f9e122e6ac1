using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The edge role for watches and reads. A watch is indexed here first and asked of the homes afterwards, so an update can come before its snapshot but
/// never fall between the two.
/// </summary>
internal sealed class Watching(Shard shard)
{
    private static readonly Dictionary<ShardAddress, List<int>> _none = [];

    private readonly WatchIndex _index = shard.WatchIndex;
    private readonly UnheardUsers _unheard = new(shard);
    private readonly List<ulong> _added = [];
    private readonly List<ulong> _toAsk = [];

    /// <summary>There is more to do than fits a turn.</summary>
    public bool HasWork => _unheard.IsUnderWay;

    public void Watch(ConnectionPort connection, ulong requestId, ulong[] userIds, ulong[] versions)
    {
        if (!Accepts(connection, requestId))
        {
            return;
        }

        _added.Clear();
        foreach (ulong userId in userIds)
        {
            if (_index.Add(connection, userId, out _))
            {
                _added.Add(userId);
            }
        }

        if (connection.Watches.Count > shard.Options.MaxWatches)
        {
            Undo(connection);
            shard.Outbox.Error(connection, Errors.Limit(requestId, LimitNames.Watches, shard.Options.MaxWatches));
            return;
        }

        ForgetOthers(connection, userIds);
        Begin(new PendingAnswer(userIds, versions) { Connection = connection, RequestId = requestId });
    }

    public void Query(ConnectionPort connection, ulong requestId, ulong[] userIds)
    {
        if (!Accepts(connection, requestId))
        {
            return;
        }

        if (shard.Overload.Sheds(OverloadStep.Reads))
        {
            shard.Counters.Sheds.Add(ShedClass.Reads);
            shard.Outbox.Error(connection, Errors.Shed(requestId, Overload.Reads, shard.Overload.RetryAfterMs));
            return;
        }

        Begin(new PendingAnswer(userIds, []) { Connection = connection, RequestId = requestId });
    }

    public void Ask(PresenceQuestion question) => Begin(new PendingAnswer(question.UserIds, []) { Question = question, Told = question.Told });

    public void Unwatch(ConnectionPort connection, ulong requestId, ulong[] userIds)
    {
        if (!connection.Speaks)
        {
            return;
        }

        foreach (ulong userId in userIds)
        {
            _index.Remove(connection, userId);
        }

        ForgetOthers(connection, userIds);
        shard.Outbox.Ack(connection, requestId, 0);
    }

    /// <summary>The connection watches nobody any more.</summary>
    public void Drop(ConnectionPort connection)
    {
        shard.Congestion.Forget(connection);
        _index.RemoveAll(connection);
    }

    /// <summary>Asks the homes of users of whom they could say nothing, once they can; what they say is told to the watchers.</summary>
    public void AskAgain()
    {
        _unheard.Take(_toAsk);
        if (_toAsk.Count > 0)
        {
            Begin(new PendingAnswer([.. _toAsk], []));
            _toAsk.Clear();
        }
    }

    /// <summary>Asks the homes of users again, whatever we know; what they say is told to the watchers.</summary>
    public void AskAnew(ulong[] userIds, Requery requery) =>
        Begin(new PendingAnswer(userIds, []) { Requery = requery, Told = [.. userIds.Select(ToldOf)] });

    /// <summary>A home says that a user has changed.</summary>
    /// <param name="decidedUs">When; see <see cref="Propagation"/>.</param>
    public void Changed(in PresenceState state, long decidedUs)
    {
        int watched = _index.Find(state.UserId);
        if (watched >= 0 && _index.Learn(watched, state))
        {
            shard.Fanout.Start(watched, decidedUs);
        }
    }

    /// <summary>A home has answered its part of a request.</summary>
    public void Answered(Question question)
    {
        for (int i = 0; i < question.UserIds.Length; i++)
        {
            ref PresenceState state = ref question.States[i];
            question.Pending.States[question.Positions[i]] = state;
            Learn(state);
        }

        question.Pending.AskerIsInvisible |= question.AskerIsInvisible;
        if (--question.Pending.Outstanding == 0)
        {
            Complete(question.Pending);
        }
    }

    /// <summary>A user's own sessions are told when the user is invisible; everybody else sees OFFLINE.</summary>
    public void SendOwn(ConnectionPort connection, PresenceState state)
    {
        Span<byte> frame = shard.Outbox.Scratch[..UpdateFrame.MaxBytes];
        int length = UpdateFrame.Write(frame, Alias.Shown(shard.OwnView.Of(connection.UserId, state)), Framing.LengthPrefix);
        shard.Outbox.Send(connection, frame[..length]);
    }

    /// <summary>The present state of a watched user, as an update.</summary>
    public void SendState(ConnectionPort connection, int watched) => SendOwn(connection, _index.StateOf(watched));

    private PresenceState ToldOf(ulong userId) => _index.Find(userId) is >= 0 and var watched && _index[watched].Has(WatchedFlags.Known)
        ? _index.StateOf(watched)
        : PresenceState.NeverSeen(userId);

    // An answer newer than what a watched user's record says is a change whose broadcast is still under way; the first word of a user is none, unless its watchers
    // were told that there is none.
    private void Learn(in PresenceState state)
    {
        int watched = _index.Find(state.UserId);
        if (watched < 0)
        {
            return;
        }

        bool isKnown = _index[watched].Has(WatchedFlags.Known);
        if (state.Status == Status.Unknown)
        {
            if (!isKnown)
            {
                _unheard.Add(watched);
                shard.Nodes?.Unheard(state.UserId);
            }

            return;
        }

        bool isNews = isKnown || _index[watched].IsUnheard;
        if (_index.Learn(watched, state) && isNews)
        {
            shard.Fanout.Start(watched, Propagation.NotMeasured);
        }
    }

    // Who was seen and may not be any more, or the reverse, is watched under the other id.
    private void ForgetOthers(ConnectionPort connection, ulong[] userIds)
    {
        foreach (ulong userId in shard.Options.HidesUsers ? userIds : [])
        {
            _index.Remove(connection, Alias.Other(userId));
        }
    }

    private bool Accepts(ConnectionPort connection, ulong requestId)
    {
        if (!connection.Speaks)
        {
            return false;
        }

        int allowed = connection.Gateway >= 0 ? shard.Options.MaxLinkPendingRequests : shard.Options.MaxPendingRequests;
        if (connection.PendingRequests < allowed)
        {
            return true;
        }

        shard.Outbox.Error(connection, Errors.Limit(requestId, LimitNames.PendingRequests, allowed));
        return false;
    }

    private void Undo(ConnectionPort connection)
    {
        foreach (ulong userId in _added)
        {
            _index.Remove(connection, userId);
        }
    }

    private void Begin(PendingAnswer pending)
    {
        if (pending.Connection is { } connection)
        {
            connection.PendingRequests++;
        }

        // One for ourselves, so that homes that answer at once do not complete it before all are asked.
        pending.Outstanding = 1;
        foreach (List<int> places in Unknown(pending))
        {
            pending.Outstanding++;
            ulong[] ids = [.. places.Select(place => pending.UserIds[place])];
            shard.Counters.Questions++;
            PresenceState[]? told = pending.Told is { } all ? [.. places.Select(place => all[place])] : null;
            shard.AskHome(new Question(shard.Address, pending, ids, [.. places]) { Told = told });
        }

        if (--pending.Outstanding == 0)
        {
            Complete(pending);
        }
    }

    // The places that the index cannot answer, by home.
    private Dictionary<ShardAddress, List<int>>.ValueCollection Unknown(PendingAnswer pending)
    {
        Dictionary<ShardAddress, List<int>>? byHome = null;
        for (int place = 0; place < pending.UserIds.Length; place++)
        {
            ulong userId = pending.UserIds[place];
            int watched = _index.Find(userId);
            // A client that holds a newer version than our index has heard from somewhere else: the home decides.
            bool known = watched >= 0 && !pending.AsksHomes && _index[watched].Has(WatchedFlags.Known) && pending.Held(place) <= _index[watched].Version;
            // Whether the asker itself is invisible no index knows.
            if (known && userId != pending.Asker)
            {
                pending.States[place] = _index.StateOf(watched);
                continue;
            }

            ShardAddress home = shard.Routing.HomeOf(userId);
            if (home.Node != shard.Address.Node && pending.Question is { IsForHomesHere: true })
            {
                // By the asker's ring it is: it asks again by the next.
                pending.States[place] = PresenceState.Unknown(userId, PresenceState.NoTime);
                continue;
            }

            byHome ??= [];
            if (!byHome.TryGetValue(home, out List<int>? places))
            {
                byHome[home] = places = [];
            }

            places.Add(place);
        }

        return (byHome ?? _none).Values;
    }

    private void Complete(PendingAnswer pending)
    {
        if (pending.Requery is { } requery)
        {
            requery.Answered(pending);
            return;
        }

        if (pending.Question is { IsForHomesHere: true } remote)
        {
            // What its home says, and nothing that our watchers were told.
            remote.Complete(pending);
            return;
        }

        for (int place = 0; place < pending.UserIds.Length; place++)
        {
            TakeNewest(ref pending.States[place]);
        }

        if (pending.Question is { } question)
        {
            Tell(question, pending);
        }
        else if (pending.Connection is { Slot: >= 0 } connection)
        {
            connection.PendingRequests--;
            WritePages(connection, pending);
        }
    }

    private void Tell(PresenceQuestion question, PendingAnswer pending)
    {
        foreach (ref PresenceState state in pending.States.AsSpan())
        {
            // Who asks once holds nothing that could be forgotten.
            state = Alias.Shown(shard.OwnView.Of(question.Asker, state, pending.AskerIsInvisible)) with { Reset = false };
        }

        question.Answered(pending.States);
    }

    // While one home was asked another may have spoken.
    private void TakeNewest(ref PresenceState state)
    {
        int watched = _index.Find(state.UserId);
        bool isKnown = watched >= 0 && _index[watched].Has(WatchedFlags.Known);
        if (isKnown && (_index[watched].Version > state.Version || state.Status == Status.Unknown))
        {
            state = _index.StateOf(watched);
        }
    }

    private void WritePages(ConnectionPort connection, PendingAnswer pending)
    {
        int place = 0;
        bool more;
        do
        {
            var page = new PresencePage(
                shard.Outbox.Scratch, shard.Options.MaxFrameBytes, Framing.LengthPrefix, pending.RequestId, snapshot: true);
            more = !Fill(ref page, connection, pending, ref place);
            shard.Outbox.Send(connection, page.Complete(more));
        }
        while (more);
    }

    // False when the page is full.
    private bool Fill(ref PresencePage page, ConnectionPort connection, PendingAnswer pending, ref int place)
    {
        for (; place < pending.UserIds.Length; place++)
        {
            PresenceState state = shard.OwnView.Of(connection.UserId, pending.States[place], pending.AskerIsInvisible);
            ulong held = pending.Held(place);
            // Turning invisible or back may leave the version as it is.
            bool isOwn = state.UserId == connection.UserId;
            if (pending.OnlyNews && held != 0 && held == state.Version && !isOwn)
            {
                continue;
            }

            // What the client holds was never said by this home, or is from the future: it is to forget it. Of UNKNOWN the home cannot say so.
            state.Reset = held > state.Version && state.Status != Status.Unknown;
            if (!page.TryAdd(Alias.Shown(state)))
            {
                return false;
            }
        }

        return true;
    }
}
