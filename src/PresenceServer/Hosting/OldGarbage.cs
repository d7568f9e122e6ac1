namespace Presence.Server.Hosting;

/// <summary>
/// Has old garbage collected before it is much. Connections that live for some seconds grow old enough to die where the collector looks last: by itself it waits until they are as many bytes as all that is alive, which
/// is minutes of growth and then a longer collection. The collection is concurrent; while nothing grows there is none.
/// </summary>
internal sealed class OldGarbage(TimeProvider time) : BackgroundService
{
    private const int Oldest = 2;

    // Less is not worth a collection, however small the heap is.
    private const long LeastBytes = 4L * 1024 * 1024;

    // Of what was alive.
    private const int Share = 10;

    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(5);

    /// <summary>Whether so much has come that it is time to look what of it is garbage.</summary>
    /// <param name="bytes">Of the oldest generation now.</param>
    /// <param name="kept">Of it after its last collection.</param>
    public static bool IsTime(long bytes, long kept) => bytes - kept >= Math.Max(LeastBytes, kept / Share);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_lookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (IsTime(SizeAfter(GC.GetGCMemoryInfo(GCKind.Any)), Kept()))
                {
                    GC.Collect(Oldest, GCCollectionMode.Forced, blocking: false, compacting: false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private static long Kept()
    {
        GCMemoryInfo concurrent = GC.GetGCMemoryInfo(GCKind.Background), blocking = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return SizeAfter(concurrent.Index > blocking.Index ? concurrent : blocking);
    }

    private static long SizeAfter(GCMemoryInfo collection) => collection.GenerationInfo[Oldest].SizeAfterBytes;
}
