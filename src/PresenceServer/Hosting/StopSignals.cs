using System.Runtime.InteropServices;

namespace Presence.Server.Hosting;

/// <summary>
/// SIGTERM, SIGINT and SIGQUIT, from the first line of the program on: the node drains and stops cleanly however early they come. One that comes while the node
/// starts is kept until it has started, since half a start cannot be stopped in order; while it waits to be let into its cluster it has nobody yet, and ends. A second one waits for no client. SIGHUP is passed over: a terminal that closes, or a tool that takes
/// it for "read your configuration again", is no reason to go.
/// </summary>
internal sealed class StopSignals : IHostLifetime, IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _urged = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() =>
        _registrations =
        [
            Take(PosixSignal.SIGTERM),
            Take(PosixSignal.SIGINT),
            Take(PosixSignal.SIGQUIT),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true),
        ];

    /// <summary>One has come.</summary>
    public bool Asked => _asked.IsCancellationRequested;

    /// <summary>Cancelled when one comes.</summary>
    public CancellationToken AskedToken => _asked.Token;

    /// <summary>Stops the node when one comes, or has come, once it has started.</summary>
    public void Stop(IHostApplicationLifetime node, Drain drain) => node.ApplicationStarted.Register(() =>
    {
        _asked.Token.Register(() => _ = drain.StopAsync());
        _urged.Token.Register(node.StopApplication);
    });

    // The host waits for nothing before it starts, and nothing is left to do when it has stopped.
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _asked.Dispose();
        _urged.Dispose();
    }

    private PosixSignalRegistration Take(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        (Asked ? _urged : _asked).Cancel();
    });
}
