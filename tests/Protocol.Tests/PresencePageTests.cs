using CsCheck;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

public sealed class PresencePageTests
{
    private static readonly Gen<ulong?> _requestId = Gen.OneOf(Gen.ULong.Select(id => (ulong?)id), Gen.OneOf<ulong?>(null, 0));

    [Fact]
    public void Pages_hold_all_entries_in_order_and_are_as_the_generated_class_writes_them() =>
        Gen.Select(States.Any.Array[0, 40], Gen.Int[PresencePage.MinFrameBytes, 2_000], Gen.Enum<Framing>(), _requestId, Gen.Bool)
            .Sample((states, max, framing, requestId, snapshot) =>
            {
                var buffer = new byte[PresencePage.BufferBytes(max)];
                var next = 0;
                do
                {
                    var page = new PresencePage(buffer, max, framing, requestId, snapshot);
                    var first = next;
                    while (next < states.Length && page.TryAdd(states[next]))
                    {
                        next++;
                    }
                    var more = next < states.Length;
                    var expected = Batch(states[first..next], requestId, snapshot, more);
                    Assert.Equal(States.Oracle(expected, framing), page.Complete(more));
                    Assert.Equal(next - first, page.Count);
                    Assert.InRange(expected.CalculateSize(), 1, max);
                    // Full means full: one more would not have fitted.
                    Assert.True(!more || Batch(states[first..(next + 1)], requestId, snapshot, true).CalculateSize() > max);
                }
                while (next < states.Length);
            }, iter: 1_000);

    [Fact]
    public void A_page_of_a_thousand_users_fits_one_frame()
    {
        var max = ProtocolLimits.MaxFrameBytes;
        var page = new PresencePage(new byte[PresencePage.BufferBytes(max)], max, Framing.LengthPrefix, 1, snapshot: true);
        for (var id = 1UL; id <= ProtocolLimits.MaxIdsPerRequest; id++)
        {
            Assert.True(page.TryAdd(PresenceState.NeverSeen(id) with { Version = id, LastActiveMs = 1_790_000_000_000 }));
        }
    }

    [Fact]
    public void The_largest_entry_fits_the_smallest_page()
    {
        var max = PresencePage.MinFrameBytes;
        var page = new PresencePage(new byte[PresencePage.BufferBytes(max)], max, Framing.LengthPrefix, ulong.MaxValue, snapshot: true);
        Assert.True(page.TryAdd(States.Largest));
        Assert.False(page.TryAdd(States.Largest));
        Assert.Equal(1, page.Count);
    }

    [Fact]
    public void A_small_limit_or_buffer_is_refused()
    {
        var max = PresencePage.MinFrameBytes;
        Assert.Throws<ArgumentOutOfRangeException>(() => new PresencePage(new byte[10_000], max - 1, Framing.Message, null, false).Count);
        var tooShort = new byte[PresencePage.BufferBytes(max) - 1];
        Assert.Throws<ArgumentException>(() => new PresencePage(tooShort, max, Framing.Message, null, false).Count);
    }

    private static ServerFrame Batch(PresenceState[] states, ulong? requestId, bool snapshot, bool more)
    {
        var batch = new PresenceBatch { Snapshot = snapshot, More = more };
        batch.Entries.AddRange(states.Select(state => States.Entry(state)));
        if (requestId is { } id)
        {
            batch.RequestId = id;
        }
        return new ServerFrame { PresenceBatch = batch };
    }
}
