using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Orleans.Runtime;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster.Streams;

/// <summary>The streams that other nodes open to this one; as long as its silo lives. Any thread.</summary>
internal sealed partial class StreamListener : IAsyncDisposable
{
    // Who has said nothing yet costs a thread for as long as it may take to say it.
    private const int MostUnknown = 64;

    private static readonly TimeSpan s_tryAgain = TimeSpan.FromMilliseconds(100);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(StreamGreeting.KeySize);
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private readonly HashSet<OpenStream> _open = [];
    private readonly Socket _listener;
    private readonly PeerInbox _inbox;
    private readonly PeerSecurity _security;
    private readonly ILogger<StreamListener> _logger;
    private readonly TimeProvider _time;
    private readonly Seldom _said;
    private readonly Task _accepting;
    private int _isDisposed;
    private IReadOnlySet<SiloAddress> _gone = new HashSet<SiloAddress>();

    /// <param name="address">Of this node; port 0: any that is free.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public StreamListener(IPEndPoint address, PeerInbox inbox, PeerSecurity security, TimeProvider time, ILogger<StreamListener> logger)
    {
        (_inbox, _security, _time, _logger, _said) = (inbox, security, time, logger, new(time));
        _listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(address);
            _listener.Listen();
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        Offer = new(((IPEndPoint)_listener.LocalEndPoint!).Port, _key);
        _accepting = AcceptAsync();
    }

    /// <summary>What others need to open one.</summary>
    public StreamOffer Offer { get; }

    /// <summary>Silos that are members no more are heard no more, whatever they believe.</summary>
    public void Refuse(IReadOnlySet<SiloAddress> gone)
    {
        lock (_gate)
        {
            _gone = gone;
            foreach (OpenStream stream in _open.Where(stream => stream.Silo is { } silo && gone.Contains(silo)))
            {
                stream.Socket.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting;
        lock (_gate)
        {
            foreach (OpenStream stream in _open)
            {
                stream.Socket.Dispose();
            }
        }

        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                var open = new OpenStream(await _listener.AcceptAsync(_over.Token));
                new Thread(Serve) { Name = "peer-in", IsBackground = true }.Start(open);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // There may be no descriptor left.
                Failed(e);
                await Task.Delay(s_tryAgain, _time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Serve(object? accepted)
    {
        var open = (OpenStream)accepted!;
        if (!TryAdd(open))
        {
            open.Socket.Dispose();
            return;
        }

        try
        {
            open.Socket.NoDelay = true;
            new StreamServer(open.Socket, _inbox).Serve(_security, (key, silo) => IsWelcome(open, key, silo));
        }
        catch (Exception e) when (e is EndOfStreamException or ObjectDisposedException || _over.IsCancellationRequested)
        {
            // It has ended.
        }
        catch (Exception e)
        {
            Failed(e);
        }
        finally
        {
            open.Socket.Dispose();
            lock (_gate)
            {
                _open.Remove(open);
            }
        }
    }

    private bool TryAdd(OpenStream open)
    {
        lock (_gate)
        {
            return !_over.IsCancellationRequested && _open.Count(static other => other.Silo is null) < MostUnknown && _open.Add(open);
        }
    }

    private bool IsWelcome(OpenStream open, byte[] key, SiloAddress silo)
    {
        lock (_gate)
        {
            bool isWelcome = CryptographicOperations.FixedTimeEquals(key, _key) && !_gone.Contains(silo);
            open.Silo = isWelcome ? silo : null;
            return isWelcome;
        }
    }

    private void Failed(Exception failure)
    {
        if (_said.IsTime())
        {
            LogFailed(failure.Message.Split('\n')[0]);
        }
    }

    [LoggerMessage(LogEvents.PeerStreamFailed, LogLevel.Information, "A stream of another node has ended: {Problem} It opens another, and calls meanwhile")]
    private partial void LogFailed(string problem);

    private sealed class OpenStream(Socket socket)
    {
        public Socket Socket { get; } = socket;

        /// <summary>Null as long as it has not said.</summary>
        public SiloAddress? Silo { get; set; }
    }
}
