using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Presence.Server.Http;
using Xunit;

namespace Presence.Server.Tests.Http;

public sealed class BoundedFlushTests
{
    private static readonly TimeSpan _within = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10));
    private readonly BoundedFlush _flush;

    public BoundedFlushTests() => _flush = new(_pipe.Writer, _within, _time);

    [Fact]
    public async Task Who_takes_nothing_has_a_minute()
    {
        Task flush = Write(100_000).FlushAsync(default).AsTask();
        _time.Advance(_within - TimeSpan.FromMilliseconds(1));
        Assert.False(flush.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<IOException>(() => flush);
    }

    [Fact]
    public async Task Who_takes_something_goes_on_however_long_it_takes_over_all_of_it()
    {
        for (int part = 0; part < 10; part++)
        {
            Task flush = Write(100_000).FlushAsync(default).AsTask();
            _time.Advance(_within - TimeSpan.FromMilliseconds(1));
            Assert.False(flush.IsCompleted);
            _pipe.Reader.AdvanceTo((await _pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.End);
            await flush;
        }
    }

    [Fact]
    public async Task A_little_waits_for_more()
    {
        await Write(1_000).FlushPartAsync(default);
        Assert.Equal(1_000, _pipe.Writer.UnflushedBytes);
        await Write(20_000).FlushPartAsync(default);
        Assert.Equal(0, _pipe.Writer.UnflushedBytes);
    }

    [Fact]
    public async Task Whoever_stops_does_not_wait()
    {
        using var stop = new CancellationTokenSource();
        Task flush = Write(100_000).FlushAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => flush);
    }

    private BoundedFlush Write(int bytes)
    {
        _pipe.Writer.GetSpan(bytes);
        _pipe.Writer.Advance(bytes);
        return _flush;
    }
}
