using Presence.Server.Configuration;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>What is free on the disk of the data directory. Asked in the background, because a disk that is in trouble may not answer, and who collects metrics must not wait for it.</summary>
internal sealed class FreeSpace(PresenceConfiguration configuration, TimeProvider time)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<long> _asked = Task.FromResult(Ask(configuration.DataDirectory));
    private long _askedAt = time.GetTimestamp();
    private long _bytes;

    /// <summary>As of the last answer; asks again when that is old.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                if (_asked.IsCompleted)
                {
                    _bytes = _asked.Result;
                    AskAgain();
                }

                return _bytes;
            }
        }
    }

    private void AskAgain()
    {
        if (time.GetElapsedTime(_askedAt) > s_every)
        {
            _askedAt = time.GetTimestamp();
            _asked = Task.Run(() => Ask(configuration.DataDirectory));
        }
    }

    private static long Ask(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
