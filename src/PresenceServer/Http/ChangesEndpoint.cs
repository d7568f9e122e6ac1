using System.Net.Mime;
using Microsoft.Net.Http.Headers;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Security;
using Presence.Server.Security.Revoking;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary><c>GET /v1/changes</c>: every transition in order, as an event stream that can be taken up where it was left.</summary>
internal sealed class ChangesEndpoint(
    BearerToken bearer,
    RevocationRegister revocations,
    IChangeFeeds feeds,
    PresenceConfiguration configuration,
    IHostApplicationLifetime lifetime,
    NodeCounters counters) : IDisposable
{
    public const string Path = "/v1/changes";
    public const string Scope = "presence:changes";

    private const string After = "after";
    private const string LastEventId = "Last-Event-ID";
    private const string Latest = "latest";

    // One that came too many may find room when another reader has been replaced.
    private const uint ComeBackAfterMs = 15_000;

    private static readonly Problem _gone = new(
        StatusCodes.Status410Gone,
        ErrorCode.Gone,
        "What follows this cursor is not kept any more, or never was here. Connect without 'after': a snapshot comes first.",
        After);

    private readonly SemaphoreSlim _places = new(configuration.Limits.ChangeFeeds);

    /// <summary>What a stream ends with when what comes next is not there.</summary>
    public static Problem Gone => _gone;

    /// <summary>Feeds that are open.</summary>
    public int Open => configuration.Limits.ChangeFeeds - _places.CurrentCount;

    public async Task AnswerAsync(HttpContext http)
    {
        if (await TryAnswerAsync(http) is { } problem)
        {
            await problem.WriteAsync(http);
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<Problem?> TryAnswerAsync(HttpContext http)
    {
        if (!bearer.TryRead(http, out TokenIdentity? caller, out Problem? problem))
        {
            return problem;
        }

        problem = CheckScope(http, caller) ?? CheckAccepted(http.Request);
        if (problem is not null || !TryReadCursor(http.Request, out Cursor cursor, out problem))
        {
            return problem;
        }

        if (!_places.Wait(0))
        {
            int allowed = configuration.Limits.ChangeFeeds;
            counters.Limits.Hit(HttpLimits.ChangeFeeds);
            return Problem.Overloaded($"As many change feeds are open as are allowed: {HttpLimits.ChangeFeeds} = {allowed}.", ComeBackAfterMs);
        }

        try
        {
            return await ServeAsync(http, caller, cursor);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<Problem?> ServeAsync(HttpContext http, TokenIdentity caller, Cursor cursor)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using IDisposable watched = revocations.WhenConcerned(caller, ended.Cancel);
        try
        {
            var reader = new ChangeReader(http, caller.ExpiresAt, () => revocations.Concerns(caller) ? CloseCode.Revoked : CloseCode.Draining);
            return await feeds.Open(reader, cursor.After).RunAsync(cursor.WantsSnapshot, ended.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The peer has gone; or we go, and could not even say so.
            http.Abort();
            return null;
        }
    }

    private static Problem? CheckScope(HttpContext http, TokenIdentity caller)
    {
        if (caller.HasScope(Scope))
        {
            return null;
        }

        http.Response.Headers.WWWAuthenticate = $"Bearer realm=\"presence\", error=\"insufficient_scope\", scope=\"{Scope}\"";
        return new(
            StatusCodes.Status403Forbidden,
            ErrorCode.Forbidden,
            $"The token has not the scope {Scope}. Send one whose 'scope' names it; it is for back-ends, never for a user's device.",
            "token");
    }

    private static Problem? CheckAccepted(HttpRequest request)
    {
        bool accepted = request.Headers.Accept.Count == 0
            || (MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? types)
                && types.Any(static type => type.Quality != 0 && new MediaTypeHeaderValue(MediaTypeNames.Text.EventStream).IsSubsetOf(type)));
        return accepted
            ? null
            : new(StatusCodes.Status406NotAcceptable, ErrorCode.Unsupported, "The answer is a text/event-stream. Accept that.", "accept");
    }

    // What the event source of a browser says on its own when it comes back is newer than the address it was given at first.
    private bool TryReadCursor(HttpRequest request, out Cursor cursor, out Problem? problem)
    {
        string? named = request.Headers[LastEventId].Count > 0 ? request.Headers[LastEventId].ToString() : request.Query[After].FirstOrDefault();
        cursor = new Cursor(null, WantsSnapshot: string.IsNullOrEmpty(named));
        problem = null;
        if (cursor.WantsSnapshot || named == Latest)
        {
            return true;
        }

        cursor = new Cursor(named, WantsSnapshot: false);
        if (!feeds.IsCursor(named!))
        {
            problem = Problem.Invalid(After, $"'after' is no cursor. Send the id of the last event you have, '{Latest}', or nothing for a snapshot.");
        }

        return problem is null;
    }

    /// <param name="After">Where to go on; null: from now on.</param>
    private readonly record struct Cursor(string? After, bool WantsSnapshot);
}
