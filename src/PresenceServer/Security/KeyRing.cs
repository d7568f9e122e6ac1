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
    private volatile VerificationKeys _current;
    private string? _loaded;

    public KeyRing(
        IEnumerable<VerificationKey> fixedKeys, IJwksSource? source, TimeSpan interval, TimeProvider time, ILogger<KeyRing> logger)
    {
        _fixed = [.. fixedKeys];
        (_source, _interval, _time, _logger) = (source, interval, time, logger);
        _current = new VerificationKeys(_fixed);
    }

    /// <summary>The keys of this moment. Empty only while a key set was never read.</summary>
    public VerificationKeys Current => _current;

    /// <summary>Asks for the key set to be read soon, because a token names a key that is not known. Returns at once.</summary>
    public void RequestRefresh() => _wake.Writer.TryWrite(true);

    /// <summary>Reads the key set every interval and when asked, until cancelled. Returns when there is none.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        if (_source is null)
        {
            return;
        }

        await using ITimer timer = _time.CreateTimer(_ => RequestRefresh(), null, _interval, _interval);
        long last = _time.GetTimestamp();
        await foreach (bool _ in _wake.Reader.ReadAllAsync(cancel))
        {
            if (_time.GetElapsedTime(last) >= (_interval < MinRefreshInterval ? _interval : MinRefreshInterval))
            {
                last = _time.GetTimestamp();
                await RefreshAsync(cancel);
            }
        }
    }

    /// <summary>Reads the key set once. A failure is logged and changes nothing.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        if (_source is null)
        {
            return;
        }

        try
        {
            string text = await _source.ReadAsync(cancel);
            if (text != _loaded)
            {
                Load(JwksDocument.Parse(text, _source.SecretsAllowed), _source.Name);
                _loaded = text;
            }
        }
        catch (KeyFormatException e)
        {
            LogRefreshFailed(_source.Name, _current.Count, e.Message);
        }
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
