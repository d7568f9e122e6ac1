namespace Presence.Engine.Tests;

public sealed class RingTests
{
    private const int Items = 30_000;

    [Fact]
    public async Task Many_producers_lose_nothing_and_each_keeps_its_order()
    {
        const int Producers = 4;
        var ring = new MpscRing<(int Producer, int Number)>(64);
        Task[] producers = [.. Enumerable.Range(0, Producers).Select(producer => Task.Run(() =>
        {
            var spin = new SpinWait();
            for (int number = 0; number < Items; number++)
            {
                while (!ring.TryEnqueue((producer, number)))
                {
                    spin.SpinOnce();
                }
            }
        }, TestContext.Current.CancellationToken))];
        var next = new int[Producers];
        var wait = new SpinWait();
        for (int taken = 0; taken < Producers * Items;)
        {
            if (!ring.TryDequeue(out (int Producer, int Number) item))
            {
                wait.SpinOnce();
                continue;
            }

            Assert.Equal(next[item.Producer]++, item.Number);
            taken++;
        }

        await Task.WhenAll(producers);
        Assert.True(ring.IsEmpty);
        Assert.Equal(0, ring.Count);
    }

    [Fact]
    public void A_full_ring_refuses_and_takes_again_when_there_is_room()
    {
        var ring = new MpscRing<int>(5);
        Assert.Equal(8, ring.Capacity);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 8; i++)
            {
                Assert.True(ring.TryEnqueue(i));
            }

            Assert.False(ring.TryEnqueue(8));
            Assert.Equal(8, ring.Count);
            for (int i = 0; i < 8; i++)
            {
                Assert.True(ring.TryDequeue(out int item));
                Assert.Equal(i, item);
            }

            Assert.False(ring.TryDequeue(out _));
        }
    }

    [Fact]
    public async Task One_producer_to_one_consumer_in_order()
    {
        var ring = new SpscRing<object>(32);
        var producer = Task.Run(() =>
        {
            var spin = new SpinWait();
            for (int number = 0; number < Items; number++)
            {
                while (!ring.TryEnqueue(number))
                {
                    spin.SpinOnce();
                }
            }
        }, TestContext.Current.CancellationToken);
        var wait = new SpinWait();
        for (int next = 0; next < Items;)
        {
            if (ring.TryDequeue() is int number)
            {
                Assert.Equal(next++, number);
            }
            else
            {
                wait.SpinOnce();
            }
        }

        await producer;
        Assert.True(ring.IsEmpty);
        Assert.Null(ring.TryDequeue());
    }
}
