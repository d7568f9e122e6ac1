using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Security.Revoking;

/// <summary>
/// Brings revocations to the shards, reads the operator's list again when it changes, and forgets what is over. A list that cannot be read at the start ends the
/// process: a server without it would let the revoked in. Later the last good one stays in force, and <see cref="Problem"/> says so.
/// </summary>
internal sealed partial class RevocationUpkeep(
    RevocationRegister register, RevocationSource? source, TimeSpan every, int most, ShardSet shards, TimeProvider time, ILogger<RevocationUpkeep> logger)
    : BackgroundService
{
    private static readonly TimeSpan _dropEvery = TimeSpan.FromMinutes(1);

    private string? _read;
    private volatile string? _problem;

    /// <summary>Why the list in force is not the newest; null when it is.</summary>
    public string? Problem => _problem;

    /// <summary>Before the first client comes, the list has been read and every shard knows what is revoked.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await register.DropOverAsync();
        await register.EnforceAsync(TellAsync);
        if (source is not null)
        {
            await ReadAsync(source, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(FollowAsync(stoppingToken), DropAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping is not a fault.
        }
    }

    private Task TellAsync(RevokedTokens revoked, ulong? onlyUser) => shards.PostToAllAsync(() => new TokensRevoked(revoked, onlyUser));

    private async Task FollowAsync(CancellationToken cancel)
    {
        if (source is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(every, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            try
            {
                await ReadAsync(source, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                // Whatever it is: who stopped looking would never hear of the next revocation.
                Failed(source.Name, e.Message);
            }
        }
    }

    private async Task ReadAsync(RevocationSource from, CancellationToken cancel)
    {
        string text = await from.Read(cancel);
        if (text != _read)
        {
            IReadOnlyList<Revocation> listed = RevocationDocument.Parse(text, most);
            await register.ListAsync(listed);
            _read = text;
            LogListed(from.Name, listed.Count);
        }

        _problem = null;
    }

    // Said once for each reason, not at every look.
    private void Failed(string name, string reason)
    {
        if (_problem != reason)
        {
            _problem = reason;
            LogFailed(name, register.Listed.Count, reason);
        }
    }

    private async Task DropAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(_dropEvery, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            await register.DropOverAsync();
        }
    }

    [LoggerMessage(LogEvents.RevocationsListed, LogLevel.Information, "Revocation list {Source} has {Count} entries.")]
    private partial void LogListed(string source, int count);

    [LoggerMessage(LogEvents.RevocationsFailed, LogLevel.Error, "Revocation list {Source} could not be read; the {Count} entries known stay in force. {Reason}")]
    private partial void LogFailed(string source, int count, string reason);
}
