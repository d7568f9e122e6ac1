using CsCheck;

namespace Presence.Engine.Tests;

/// <summary>A channel over a network that loses, repeats, delays and reorders batches and answers, with senders that are started again.</summary>
public sealed class ChannelTests
{
    [Fact]
    public void What_is_taken_is_of_every_epoch_the_beginning_in_order_and_once() => Gen.Select(Gen.Int[0, 99].Array[0, 400], Gen.ULong).Sample(
        static (steps, seed) =>
        {
            var run = new Run(seed);
            foreach (int step in steps)
            {
                run.Do(step);
            }

            run.AssertRight();
        },
        iter: 3_000);

    [Fact]
    public void Once_the_network_is_good_all_comes_through() => Gen.Select(Gen.Int[0, 99].Array[0, 200], Gen.ULong).Sample(
        static (steps, seed) =>
        {
            var run = new Run(seed);
            foreach (int step in steps)
            {
                run.Do(step);
            }

            run.Heal();
            int before = run.Taken.Count;
            for (int i = 0; i < 5; i++)
            {
                run.SendOne();
                run.DeliverAll();
            }

            Assert.Equal(before + 5, run.Taken.Count);
            run.AssertRight();
        },
        iter: 1_000);

    [Fact]
    public void A_sender_that_was_started_again_is_heard_and_its_batches_of_before_are_not()
    {
        var receiver = new ChannelReceiver();
        ChannelSender before = new(7), after = new(8);
        ChannelStamp first = before.Send();
        Assert.Equal(BatchVerdict.Reset, receiver.Receive(first));
        Assert.True(before.Settle(first, isTaken: true));
        ChannelStamp late = before.Send();
        Assert.Equal(BatchVerdict.Reset, receiver.Receive(after.Send()));
        Assert.Equal(BatchVerdict.Refused, receiver.Receive(late));
        Assert.False(before.Settle(late, isTaken: false));
        Assert.True(before.IsAtReset);
        Assert.Equal(BatchVerdict.Refused, receiver.Receive(before.Send()));
    }

    [Fact]
    public void A_receiver_that_was_started_again_asks_for_all()
    {
        var sender = new ChannelSender(1);
        ChannelStamp first = sender.Send();
        Assert.Equal(BatchVerdict.Reset, new ChannelReceiver().Receive(first));
        sender.Settle(first, isTaken: true);
        var restarted = new ChannelReceiver();
        ChannelStamp second = sender.Send();
        Assert.Equal(BatchVerdict.Refused, restarted.Receive(second));
        Assert.False(sender.Settle(second, isTaken: false));
        Assert.Equal(BatchVerdict.Reset, restarted.Receive(sender.Send()));
    }

    [Fact]
    public void An_epoch_that_the_receiver_has_ended_is_not_taken_up_again_from_any_batch()
    {
        ChannelSender sender = new(1);
        ChannelReceiver receiver = new();
        ChannelStamp first = sender.Send();
        receiver.Receive(first);
        sender.Settle(first, isTaken: true);
        receiver.End();
        Assert.Equal(BatchVerdict.Refused, receiver.Receive(first));
        ChannelStamp second = sender.Send();
        Assert.Equal(BatchVerdict.Refused, receiver.Receive(second));
        sender.Settle(second, isTaken: false);
        Assert.Equal(BatchVerdict.Reset, receiver.Receive(sender.Send()));
    }

    [Fact]
    public void An_answer_that_comes_late_settles_nothing_of_the_next_epoch()
    {
        var sender = new ChannelSender(1);
        ChannelStamp lost = sender.Send();
        Assert.False(sender.Settle(lost, isTaken: false));
        ChannelStamp next = sender.Send();
        Assert.True(sender.Settle(lost, isTaken: true));
        Assert.True(sender.IsUnderWay);
        Assert.Equal((2UL, 0UL), (next.Epoch, next.Sequence));
    }

    private sealed class Run(ulong seed)
    {
        private readonly Random _random = new((int)seed);
        private readonly List<ChannelStamp> _onTheWay = [];
        private readonly List<(ChannelStamp Stamp, bool IsTaken)> _answers = [];
        private readonly ChannelReceiver _receiver = new();
        private readonly HashSet<ChannelStamp> _known = [];
        private ChannelSender _sender = new(1);
        private ulong _incarnation = 1;
        private ChannelStamp _last;

        public List<(ChannelStamp Stamp, BatchVerdict Verdict)> Taken { get; } = [];

        public void Do(int step)
        {
            switch (step)
            {
                case < 40:
                    SendOne();
                    break;
                case < 60:
                    Deliver();
                    break;
                case < 75:
                    Answer();
                    break;
                case < 82 when _onTheWay.Count > 0:
                    _onTheWay.Add(Any(_onTheWay));
                    break;
                case < 88 when _onTheWay.Count > 0:
                    _onTheWay.Remove(Any(_onTheWay));
                    break;
                case < 93 when _answers.Count > 0:
                    _answers.Remove(Any(_answers));
                    break;
                case < 98:
                    // Nobody waits any longer.
                    _sender.Settle(_last, isTaken: false);
                    break;
                case 98:
                    _sender.Reset();
                    break;
                default:
                    _sender = new ChannelSender(++_incarnation);
                    break;
            }
        }

        public void Heal()
        {
            _sender.Settle(_last, isTaken: false);
            DeliverAll();
        }

        public void SendOne()
        {
            if (!_sender.IsUnderWay)
            {
                _onTheWay.Add(_last = _sender.Send());
            }
        }

        public void DeliverAll()
        {
            while (_onTheWay.Count > 0)
            {
                Deliver();
            }

            while (_answers.Count > 0)
            {
                Answer();
            }
        }

        public void AssertRight()
        {
            ChannelStamp before = default;
            foreach ((ChannelStamp stamp, BatchVerdict verdict) in Taken)
            {
                bool begins = (stamp.Incarnation, stamp.Epoch).CompareTo((before.Incarnation, before.Epoch)) > 0;
                Assert.Equal(begins ? BatchVerdict.Reset : BatchVerdict.Next, verdict);
                Assert.Equal(begins ? 0 : before.Sequence + 1, stamp.Sequence);
                Assert.True(begins || (stamp.Incarnation, stamp.Epoch) == (before.Incarnation, before.Epoch));
                before = stamp;
            }

            // What the sender takes for taken was.
            Assert.Subset(Taken.Select(static one => one.Stamp).ToHashSet(), _known);
        }

        private void Deliver()
        {
            if (_onTheWay.Count == 0)
            {
                return;
            }

            ChannelStamp stamp = Any(_onTheWay);
            _onTheWay.Remove(stamp);
            BatchVerdict verdict = _receiver.Receive(stamp);
            if (verdict is BatchVerdict.Next or BatchVerdict.Reset)
            {
                Taken.Add((stamp, verdict));
            }

            _answers.Add((stamp, verdict != BatchVerdict.Refused));
        }

        private void Answer()
        {
            if (_answers.Count == 0)
            {
                return;
            }

            (ChannelStamp Stamp, bool IsTaken) answer = Any(_answers);
            _answers.Remove(answer);
            if (answer.IsTaken)
            {
                _known.Add(answer.Stamp);
            }

            _sender.Settle(answer.Stamp, answer.IsTaken);
        }

        private T Any<T>(List<T> list) => list[_random.Next(list.Count)];
    }
}
