using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// A shard's half of the journal: hands over what is decided, once a second a watermark, and keeps the answers to explicit statuses until what they
/// say is durable. Broadcast never waits here. One commit is asked for at a time; what is answered meanwhile shares the next one.
/// </summary>
internal sealed class ShardJournal
{
    private const long WatermarkEveryMs = 1_000;

    private readonly Shard _shard;
    private readonly IJournalLane _lane;
    private WaitingAnswers _waiting;
    private WaitingAnswers _asked;
    private bool _isAsked;
    private bool _hasAppended;
    private long _watermarkDueMs;

    public ShardJournal(Shard shard, IJournalLane lane)
    {
        (_shard, _lane) = (shard, lane);
        (_waiting, _asked) = (new(shard), new(shard));
        _watermarkDueMs = shard.Time.Now;
    }

    /// <summary>Answers that wait.</summary>
    public int Waiting => _waiting.Count + _asked.Count;

    public void Append(in JournalEntry entry)
    {
        _lane.Append(entry);
        _hasAppended = true;
    }

    /// <summary>Answers a change once all that was appended before is durable.</summary>
    /// <param name="change">It has been applied.</param>
    /// <param name="visible">What the answer says.</param>
    public void Answer(StatusChange change, in PresenceState visible)
    {
        if (Waiting >= _shard.Options.MaxWaitingForJournal)
        {
            change.NotDurable(_shard.Outbox);
            return;
        }

        _waiting.Add(change, visible, _shard.Time.Now);
    }

    /// <summary>Answers those who have waited for too long.</summary>
    public void GiveUpLate()
    {
        long begunBefore = _shard.Time.Now - _shard.Options.DurableWithinMs;
        _asked.FailIfBegunBefore(begunBefore);
        _waiting.FailIfBegunBefore(begunBefore);
    }

    /// <summary>Hands over what the turn has brought. After its last flush: to wake the journal's thread costs more than all else of a change.</summary>
    public void EndTurn()
    {
        if (_shard.Time.Now >= _watermarkDueMs)
        {
            AppendWatermark();
        }

        bool asks = !_isAsked && _waiting.Count > 0;
        if (asks)
        {
            (_asked, _waiting) = (_waiting, _asked);
            _isAsked = true;
        }

        if (asks || _hasAppended)
        {
            _hasAppended = false;
            _lane.HandOver(asks ? _asked : null);
        }
    }

    /// <summary>The shard's last word.</summary>
    public void End()
    {
        AppendWatermark();
        _lane.HandOver(commit: null);
    }

    private void AppendWatermark()
    {
        _watermarkDueMs = _shard.Time.Now + WatermarkEveryMs;
        _lane.AppendWatermark(_shard.Time.WallMs, _shard.Versions.Last);
        _hasAppended = true;
    }

    private void Committed()
    {
        _isAsked = false;
        _asked.Answer(_asked.Failed);
    }

    /// <summary>The changes that one commit answers, and what it says of them.</summary>
    private sealed class WaitingAnswers : JournalCommit
    {
        private readonly List<(StatusChange Change, PresenceState Visible)> _answers = [];
        private readonly Shard _shard;
        private readonly Notice _notice = new();
        private long _begunMs;

        public WaitingAnswers(Shard shard) => _shard = shard;

        public int Count => _answers.Count;

        public void Add(StatusChange change, in PresenceState visible, long nowMs)
        {
            _begunMs = _answers.Count == 0 ? nowMs : _begunMs;
            _answers.Add((change, visible));
        }

        public override void Complete() => _shard.Inbox.PostAnswer(_notice);

        public void Answer(bool failed)
        {
            foreach ((StatusChange change, PresenceState visible) in _answers)
            {
                if (failed)
                {
                    change.NotDurable(_shard.Outbox);
                }
                else
                {
                    change.Applied(_shard.Outbox, visible);
                }
            }

            _answers.Clear();
        }

        // Of a commit that is still under way the word will come, and find nobody.
        public void FailIfBegunBefore(long engineMs)
        {
            if (_answers.Count > 0 && _begunMs <= engineMs)
            {
                Answer(failed: true);
            }
        }
    }

    private sealed class Notice : ShardMessage
    {
        internal override void Apply(Shard shard) => shard.Journal.Committed();
    }
}
