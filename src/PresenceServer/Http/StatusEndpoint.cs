using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>
/// <c>PUT /users/presence</c>: the caller's status, as a lease of d + 2δ or, for who accepts events, for as long as the stream is open.
/// </summary>
internal sealed class StatusEndpoint(
    BearerToken bearer, NewCallers newCallers, EventStreams streams, ShardSet shards, PresenceConfiguration configuration, TimeProvider time)
{
    private const string Words = "online, away, busy, invisible or offline";

    // A change over the rate of its user waits for its turn; beyond that nobody would wait for the answer.
    private readonly TimeSpan _answeredWithin = configuration.Limits.StatusChanges.Per + TimeSpan.FromSeconds(5);

    public async Task AnswerAsync(HttpContext http)
    {
        if (await TryAnswerAsync(http) is { } problem)
        {
            await problem.WriteAsync(http);
        }
    }

    private async Task<Problem?> TryAnswerAsync(HttpContext http)
    {
        if (!bearer.TryRead(http, out TokenIdentity? caller, out Problem? problem))
        {
            return problem;
        }

        (StatusBody? body, problem) = await JsonBody.ReadAsync(http, HttpJson.Wire.StatusBody);
        Status status = default;
        byte[]? text = null;
        problem ??= BearerToken.CheckOwn(caller, body!.UserId) ?? ReadStatus(body, out status) ?? ReadText(body, out text);
        if (problem is null && status != Status.Offline)
        {
            problem = await newCallers.CheckAsync(caller.UserId, http.RequestAborted);
        }

        return problem
            ?? (EventStreams.IsAskedFor(http.Request)
                ? await streams.ServeAsync(http, caller, status, text)
                : await LeaseAsync(http, caller, status, text));
    }

    private async Task<Problem?> LeaseAsync(HttpContext http, TokenIdentity caller, Status status, byte[]? text)
    {
        var lease = new StatusLease(caller.UserId, shards.KeyOf(HttpDevices.Lease), status, text, newCallers) { Token = caller.Mark };
        await shards.Of(caller.UserId).PostLivenessAsync(lease);
        try
        {
            (PresenceState visible, Problem? problem) = await lease.Answer.WaitAsync(_answeredWithin, time, http.RequestAborted);
            if (problem is null)
            {
                http.Response.ContentType = MediaTypeNames.Application.Json;
                http.Response.Headers.CacheControl = "no-store";
                await JsonSerializer.SerializeAsync(
                    http.Response.BodyWriter, PresenceView.Of(visible), HttpJson.Wire.PresenceView, http.RequestAborted);
            }

            return problem;
        }
        catch (TimeoutException)
        {
            return Problem.Unavailable("The store does not answer; the status is applied when it does. Repeat the request to be sure.");
        }
    }

    private static Problem? ReadStatus(StatusBody body, out Status status) => StatusWords.TryParse(body.Presence, out status)
        ? null
        : Problem.Invalid(
            "presence", body.Presence is null ? $"presence is missing; it is {Words}." : $"presence is {Words}; in small letters.");

    private Problem? ReadText(StatusBody body, out byte[]? text)
    {
        text = string.IsNullOrEmpty(body.StatusText) ? null : Encoding.UTF8.GetBytes(body.StatusText);
        int allowed = configuration.Limits.StatusTextBytes;
        return text is null || text.Length <= allowed
            ? null
            : Problem.Limit(
                LimitNames.StatusTextBytes, allowed, $"status_text has {text.Length} bytes of UTF-8; {allowed} are allowed. Shorten it.");
    }
}
