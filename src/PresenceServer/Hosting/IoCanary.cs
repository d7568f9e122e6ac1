using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Presence.Engine;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>
/// A connection to ourselves through the listener of the clients, with a byte a second on it. As long as the bytes come through, frames of clients do
/// too; when they stop, the clients' silence says nothing and the shards' clocks stand still. The sender is a thread of its own: a starved pool must not
/// silence the canary's mouth, only its ear.
/// </summary>
internal sealed partial class IoCanary(PresenceConfiguration configuration, NodeClock clock, ListenerAddresses addresses, ILogger<IoCanary> logger) : IHostedService, IDisposable
{
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
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Set();
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

    /// <summary>Hears until the connection ends.</summary>
    public async Task HearAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        ReadResult read;
        do
        {
            read = await input.ReadAsync();
            clock.HearCanary();
            input.AdvanceTo(read.Buffer.End);
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
                socket.Send(_song);
                while (!_stop.Wait((int)EngineClock.CanaryPeriodMs))
                {
                    socket.Send([0]);
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

    [LoggerMessage(Diagnostics.LogEvents.CanaryLost, LogLevel.Warning, "The I/O canary lost its connection ({Error}); until it is back a stall of I/O goes unnoticed")]
    private partial void LogLost(SocketError error);
}
