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

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
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
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                Begin(await _listener.AcceptAsync(_over.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                // There may be no descriptor left, or no thread.
                Failed(e);
                await Task.Delay(s_tryAgain, _time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Begin(Socket socket)
    {
        var open = new OpenStream(socket);
        try
        {
            if (TryAdd(open))
            {
                open.Deadline = _time.CreateTimer(static late => ((Socket)late!).Dispose(), socket, s_patience, Timeout.InfiniteTimeSpan);
                new Thread(Serve) { Name = "peer-in", IsBackground = true }.Start(open);
                return;
            }
        }
        catch
        {
            End(open);
            throw;
        }

        socket.Dispose();
    }

    private void Serve(object? begun)
    {
        var open = (OpenStream)begun!;
        try
        {
            new StreamServer(open.Socket, _key, _inbox).Serve(_security, silo => IsWelcome(open, silo));
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
            End(open);
        }
    }

    private void End(OpenStream open)
    {
        open.Deadline?.Dispose();
        open.Socket.Dispose();
        lock (_gate)
        {
            _open.Remove(open);
        }
    }

    private bool TryAdd(OpenStream open)
    {
        lock (_gate)
        {
            return !_over.IsCancellationRequested && _open.Count(static other => other.Silo is null) < MostUnknown && _open.Add(open);
        }
    }

    // Another of the same silo is one that it has given up.
    private bool IsWelcome(OpenStream open, SiloAddress silo)
    {
        lock (_gate)
        {
            if (_gone.Contains(silo))
            {
                return false;
            }

            foreach (OpenStream other in _open.Where(other => silo.Equals(other.Silo)))
            {
                other.Socket.Dispose();
            }

            open.Deadline?.Dispose();
            open.Silo = silo;
            return true;
        }
    }

    private void Failed(Exception failure)
    {
        try
        {
            if (_said.IsTime())
            {
                LogFailed(failure.Message.Split('\n')[0]);
            }
        }
        catch (Exception)
        {
            // A log that cannot be written ends no node.
        }
    }

    [LoggerMessage(LogEvents.PeerStreamFailed, LogLevel.Information, "A stream of another node has ended: {Problem} It opens another, and calls meanwhile")]
    private partial void LogFailed(string problem);

    private sealed class OpenStream(Socket socket)
    {
        public Socket Socket { get; } = socket;

        /// <summary>Closes it if it has not shown the key by then, however slowly it says it.</summary>
        public ITimer? Deadline { get; set; }

        /// <summary>Null as long as it has not said.</summary>
        public SiloAddress? Silo { get; set; }
    }
}
