using Grpc.Core;
using Presence.Admin.V1;
using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Security.Revoking;
using Info = Presence.Admin.V1.Revocation;
using Revocation = Presence.Server.Security.Revoking.Revocation;

namespace Presence.Server.Admin;

/// <summary>Revocations as the admin service speaks of them.</summary>
internal sealed class RevocationInfos(RevocationRegister register, NodeCounters counters, TimeProvider time)
{
    private const int MostAPage = 1_000;

    // An operator's clock may be ahead of ours.
    private static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(5);

    /// <exception cref="RpcException">It names nothing, there is no room for it, or the disk does not take it.</exception>
    public async Task<RevokeResponse> RevokeAsync(Info? wanted)
    {
        Revocation revocation = Of(wanted ?? new Info());
        if (revocation.Fault() is { } fault)
        {
            throw Refuse(StatusCode.InvalidArgument, $"This revokes nothing: {fault}.");
        }

        if (revocation.IssuedBefore > time.GetUtcNow() + s_ahead)
        {
            throw Refuse(StatusCode.InvalidArgument, "issued_before_ms is in the future: whoever signs in until then would be shut out too. Name a time that has been.");
        }

        if (!await DurablyAsync(() => register.RevokeAsync(revocation)))
        {
            counters.Limits.Hit(LimitHits.Revocations);
            throw Refuse(StatusCode.ResourceExhausted, "Presence:Limits:Revocations is reached; nothing was revoked. Lift what is not needed, or raise it.");
        }

        return new() { Revocation = Of(revocation, listed: false) };
    }

    /// <exception cref="RpcException">The page is too long.</exception>
    public ListRevocationsResponse List(ListRevocationsRequest request)
    {
        if (request.Most is 0 or > MostAPage)
        {
            throw Refuse(StatusCode.InvalidArgument, $"most is {request.Most}; 1 to {MostAPage} are answered.");
        }

        Info[] rest = [.. register.Own.Select(static one => Of(one, listed: false))
            .Concat(register.Listed.Select(static one => Of(one, listed: true)))
            .Where(one => string.CompareOrdinal(one.Key, request.After) > 0)
            .OrderBy(static one => one.Key, StringComparer.Ordinal)
            .Take((int)request.Most + 1)];
        return new() { Revocations = { rest.Take((int)request.Most) }, More = rest.Length > request.Most };
    }

    /// <exception cref="RpcException">There is none, or the disk does not take it.</exception>
    public async Task<LiftRevocationResponse> LiftAsync(string key) => await DurablyAsync(() => register.LiftAsync(key))
        ? new()
        : throw Refuse(StatusCode.NotFound, $"No revocation '{key}' was made here; those of the operator's list are lifted there.");

    private static async Task<bool> DurablyAsync(Func<Task<bool>> change)
    {
        try
        {
            return await change();
        }
        catch (IOException e)
        {
            throw Refuse(StatusCode.Unavailable, $"The data directory cannot be written, and nothing was changed: {e.Message}");
        }
    }

    private Revocation Of(Info info) => new()
    {
        UserId = info.UserId == 0 ? null : info.UserId,
        TokenId = info.TokenId.Length == 0 ? null : info.TokenId,
        IssuedBefore = Time(info.IssuedBeforeMs, "issued_before_ms"),
        ExpiresAt = Time(info.ExpiresAtMs, "expires_at_ms"),
        RevokedAt = time.GetUtcNow(),
    };

    private static Info Of(Revocation revocation, bool listed) => new()
    {
        Key = listed ? $"list:{revocation.Key}" : revocation.Key,
        UserId = revocation.UserId ?? 0,
        TokenId = revocation.TokenId ?? "",
        IssuedBeforeMs = Ms(revocation.IssuedBefore),
        ExpiresAtMs = Ms(revocation.ExpiresAt),
        RevokedAtMs = Ms(revocation.RevokedAt),
        Listed = listed,
    };

    private static DateTimeOffset? Time(ulong ms, string field) =>
        ms == 0 ? null
        : ms <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds((long)ms)
        : throw Refuse(StatusCode.InvalidArgument, $"{field} is {ms}, which is no time in Unix milliseconds.");

    private static ulong Ms(DateTimeOffset? time) => (ulong)(time?.ToUnixTimeMilliseconds() ?? 0);

    private static RpcException Refuse(StatusCode code, string message) => new(new Status(code, message));
}
