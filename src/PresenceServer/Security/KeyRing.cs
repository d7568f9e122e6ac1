using System.Threading.Channels;

namespace Presence.Server.Security;

/// <summary>
/// The keys that tokens are verified with: fixed ones, and those of a key set that is read again in the background. Looking at
/// <see cref="Current"/> never waits; when the source is down, the keys last read stay.
/// </summary>
internal sealed partial class KeyRing
{
    /// <summary>However many unknown key ids arrive, the source is not asked more often than this.</summary>
    public static readonly TimeSpan MinRefreshInterval = TimeSpan.FromSeconds(10);

    private readonly VerificationKey[] _fixed;
    private readonly IJwksSource? _source;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyRing> _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly AwaitedKeys _awaited = new();
    private volatile VerificationKeys _current;
    private long _nextAt;
    private string? _loaded;

    public KeyRing(
        IEnumerable<VerificationKey> fixedKeys, IJwksSource? source, TimeSpan interval, TimeProvider time, ILogger<KeyRing> logger)
    {
        _fixed = [.. fixedKeys];
        (_source, _interval, _time, _logger) = (source, interval, time, logger);
        _current = new VerificationKeys(_fixed);
        _nextAt = time.GetTimestamp();
    }

    /// <summary>The keys of this moment. Empty only while a key set was never read.</summary>
    public VerificationKeys Current => _current;

    private TimeSpan Spacing => _interval < MinRefreshInterval ? _interval : MinRefreshInterval;

    /// <summary>Asks for the key set to be read, now or as soon as it may be, because a token names a key that is not known. Returns at once.</summary>
    /// <returns>How long until that reading begins; null when a set read since this id was first asked for lacks it: the key does not exist.</returns>
    public TimeSpan? Await(string? keyId)
    {
        if (_source is null)
        {
            return null;
        }

        bool mayCome = _awaited.MayCome(keyId);
        _wake.Writer.TryWrite(true);
        return mayCome ? UntilNext() : null;
    }

    /// <summary>Reads the key set every interval and when asked, until cancelled. Returns when there is none.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        if (_source is null)
        {
            return;
        }

        await using ITimer timer = _time.CreateTimer(_ => _wake.Writer.TryWrite(true), null, _interval, _interval);
        while (await _wake.Reader.WaitToReadAsync(cancel))
        {
            // Who asks too soon is not forgotten but served at the end of the spacing, together with all who have asked by then.
            await Task.Delay(UntilNext(), _time, cancel);
            _wake.Reader.TryRead(out bool _);
            await RefreshAsync(cancel);
        }
    }

    /// <summary>Reads the key set once. A failure is logged and changes nothing.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        if (_source is null)
        {
            return;
        }

        int reading = _awaited.Begin();
        Volatile.Write(ref _nextAt, _time.GetTimestamp() + (long)(Spacing.TotalSeconds * _time.TimestampFrequency));
        try
        {
            string text = await _source.ReadAsync(cancel);
            if (text != _loaded)
            {
                Load(JwksDocument.Parse(text, _source.SecretsAllowed), _source.Name);
                _loaded = text;
            }

            _awaited.Succeed(reading);
        }
        catch (KeyFormatException e)
        {
            LogRefreshFailed(_source.Name, _current.Count, e.Message);
        }
    }

    private TimeSpan UntilNext()
    {
        TimeSpan left = _time.GetElapsedTime(_time.GetTimestamp(), Volatile.Read(ref _nextAt));
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Load(JwksDocument document, string name)
    {
        _current = new VerificationKeys([.. _fixed, .. document.Keys]);
        LogLoaded(name, document.Keys.Count);
        foreach (string reason in document.Ignored)
        {
            LogIgnored(name, reason);
        }
    }
}
