using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Presence.Engine;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>
/// A connection to ourselves through the listener of the clients, with a byte a second on it that comes back as one. It is heard by all that serves clients:
/// it goes in by what accepts them and says their Hello (the front loop), comes back by the framework's poll thread, which serves all other listeners, and is
/// noted on the thread pool. As long as the bytes come through, clients do too; when they stop, the clients' silence says nothing and the shards' clocks
/// stand still. The sender is a thread of its own: a starved pool must not silence the canary's mouth, only its ear. A shard's own thread needs no canary:
/// what it reads late it also judges late, and a turn that does not come is a gap by itself.
/// </summary>
internal sealed partial class IoCanary(
    PresenceConfiguration configuration, NodeClock clock, ListenerAddresses addresses, IHostApplicationLifetime lifetime, ILogger<IoCanary> logger)
    : IHostedService, IDisposable
{
    private static readonly byte[] s_note = [0];

    // The first byte is no length of any frame, the rest a secret of this process.
    private readonly byte[] _song = [0, .. RandomNumberGenerator.GetBytes(16)];
    private readonly ManualResetEventSlim _stop = new();
    private Thread? _thread;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!configuration.Listen.Tcp.IsOff)
        {
            _thread = new Thread(Sing) { Name = "io-canary", IsBackground = true };
            addresses.WhenBound(_thread.Start);
            // Before the listeners, which wait for their connections to end, and this is one; from here on nobody expires anyway.
            lifetime.ApplicationStopping.Register(_stop.Set);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Set();
        if (_thread is { IsAlive: true } thread)
        {
            thread.Join();
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>True when a connection begins with our own song.</summary>
    public bool IsOwn(in ReadOnlySequence<byte> first)
    {
        if (first.Length < _song.Length)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[_song.Length];
        first.Slice(0, _song.Length).CopyTo(head);
        return CryptographicOperations.FixedTimeEquals(head, _song);
    }

    /// <summary>Answers until the connection ends.</summary>
    public static async Task AnswerAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        ReadResult read;
        do
        {
            read = await input.ReadAsync();
            input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.WriteAsync(s_note);
        }
        while (!read.IsCompleted);
    }

    private void Sing()
    {
        while (!_stop.IsSet)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Connect(addresses.Tcp!);
                _ = HearAsync(socket);
                socket.Send(_song);
                while (!_stop.Wait((int)EngineClock.CanaryPeriodMs))
                {
                    socket.Send(s_note);
                }
            }
            catch (SocketException e)
            {
                // The listener refuses us: that is no silence of the clients'. Heard again, it counts again.
                clock.ForgetCanary();
                LogLost(e.SocketErrorCode);
                _stop.Wait((int)EngineClock.CanaryPeriodMs);
            }
        }

        clock.ForgetCanary();
    }

    private async Task HearAsync(Socket socket)
    {
        byte[] notes = new byte[16];
        try
        {
            // It ends on the poll thread, and is noted on the pool.
            while (await socket.ReceiveAsync(notes) > 0)
            {
                await Task.Run(clock.HearCanary);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The sender finds out.
        }
    }

    [LoggerMessage(Diagnostics.LogEvents.CanaryLost, LogLevel.Warning, "The I/O canary lost its connection ({Error}); until it is back a stall of I/O goes unnoticed")]
    private partial void LogLost(SocketError error);
}
