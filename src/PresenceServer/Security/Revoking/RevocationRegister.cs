using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Presence.Engine;
using Presence.Server.Storage;

namespace Presence.Server.Security.Revoking;

/// <summary>
/// All revocations of this node, its own and those of the operator's list, as one answer to "is this token revoked?", which any thread may ask at the cost of two
/// look-ups. Changes come one at a time: on the disk, then in force for whoever comes, then told to those who have come.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle holds nothing.")]
internal sealed class RevocationRegister(OwnRevocations own, TimeSpan? longestToken, TimeProvider time)
{
    private readonly SemaphoreSlim _turn = new(1);

    // A wall clock that jumps must not forget what is revoked.
    private readonly RetentionClock _clock = new(time);

    // Keys of token ids live no longer than the process, and nobody outside can make two that collide.
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private volatile IReadOnlyCollection<Revocation> _own = own.All;
    private volatile IReadOnlyList<Revocation> _listed = [];
    private volatile RevokedTokens _current = RevokedTokens.None;
    private Func<RevokedTokens, ulong?, Task> _enforce = static (_, _) => Task.CompletedTask;

    // After every change, when new tokens are judged by it.
    private event Action? Changed;

    /// <summary>Those made here, in no order.</summary>
    public IReadOnlyCollection<Revocation> Own => _own;

    /// <summary>Those of the operator's list.</summary>
    public IReadOnlyList<Revocation> Listed => _listed;

    public bool Concerns(ulong userId, in TokenMark token) => _current.Concerns(userId, token);

    public bool Concerns(TokenIdentity token) => Concerns(token.UserId, token.Mark);

    /// <summary>Tells when a token is revoked, or is already; for what no shard knows of. May be told more than once; must not block.</summary>
    /// <returns>To be disposed when nobody needs to know any more.</returns>
    public IDisposable WhenConcerned(TokenIdentity token, Action revoked)
    {
        var watch = new Watch(this, token, revoked);
        Changed += watch.Look;
        watch.Look();
        return watch;
    }

    /// <param name="tokenId">The <c>jti</c>, UTF-8; empty when there is none.</param>
    /// <param name="issuedAt">The <c>iat</c>, Unix seconds; 0 when there is none.</param>
    public TokenMark MarkOf(ReadOnlySpan<byte> tokenId, long issuedAt) =>
        new(tokenId.IsEmpty ? 0 : XxHash3.HashToUInt64(tokenId, _seed) | 1, issuedAt);

    /// <summary>Begins to tell those who have come, first of what there is.</summary>
    /// <param name="enforce">Told all that is revoked, and whose sessions alone may be newly concerned; null: anybody's.</param>
    public async Task EnforceAsync(Func<RevokedTokens, ulong?, Task> enforce)
    {
        await _turn.WaitAsync();
        try
        {
            _enforce = enforce;
            await PublishAsync(null);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Revokes. When this returns it is durable, no such token opens anything, and the shards are about to end what it has opened.</summary>
    /// <returns>False when Presence:Limits:Revocations is reached; nothing was done.</returns>
    /// <exception cref="IOException">The disk did not take it; nothing was done.</exception>
    public Task<bool> RevokeAsync(Revocation revocation) => ChangeAsync(
        () => own.TryPut(revocation), revocation.TokenId is null ? revocation.UserId : null);

    /// <summary>Takes one back that was made here.</summary>
    /// <returns>False when there is none of that key.</returns>
    /// <exception cref="IOException">The disk did not take it; nothing was done.</exception>
    public Task<bool> LiftAsync(string key) => ChangeAsync(() => own.Remove(key) is not null, null);

    /// <summary>Takes over the operator's list as it is now.</summary>
    public Task ListAsync(IReadOnlyList<Revocation> listed) => ChangeAsync(
        () =>
        {
            _listed = listed;
            return true;
        },
        null);

    /// <summary>Forgets what concerns no valid token any more.</summary>
    public Task DropOverAsync()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(_clock.NowMs);
        return ChangeAsync(() => own.Drop(one => one.DropsAt(longestToken) <= now), null);
    }

    private async Task<bool> ChangeAsync(Func<bool> change, ulong? onlyUser)
    {
        await _turn.WaitAsync();
        try
        {
            bool changed = change();
            if (changed)
            {
                _own = own.All;
                await PublishAsync(onlyUser);
            }

            return changed;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task PublishAsync(ulong? onlyUser)
    {
        _current = Join(_own.Concat(_listed));
        Changed?.Invoke();
        await _enforce(_current, onlyUser);
    }

    private RevokedTokens Join(IEnumerable<Revocation> revocations)
    {
        long allBeforeMs = 0;
        Dictionary<ulong, long> usersBeforeMs = [];
        HashSet<ulong> ids = [];
        foreach (Revocation one in revocations)
        {
            long beforeMs = one.IssuedBefore?.ToUnixTimeMilliseconds() ?? RevokedTokens.Banned;
            if (one.TokenId is { } id)
            {
                ids.Add(MarkOf(Encoding.UTF8.GetBytes(id), 0).IdKey);
            }
            else if (one.UserId is { } userId)
            {
                usersBeforeMs[userId] = Math.Max(beforeMs, usersBeforeMs.GetValueOrDefault(userId));
            }
            else
            {
                allBeforeMs = Math.Max(allBeforeMs, beforeMs);
            }
        }

        return new RevokedTokens(allBeforeMs, usersBeforeMs, ids);
    }

    private sealed class Watch(RevocationRegister register, TokenIdentity token, Action revoked) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _isOver;

        public void Look()
        {
            lock (_gate)
            {
                if (!_isOver && register.Concerns(token))
                {
                    revoked();
                }
            }
        }

        public void Dispose()
        {
            register.Changed -= Look;
            lock (_gate)
            {
                _isOver = true;
            }
        }
    }
}
