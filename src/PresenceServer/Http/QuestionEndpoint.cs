using System.Net.Mime;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.Server.Privacy;
using Presence.Server.Security;

namespace Presence.Server.Http;

/// <summary><c>GET /users/presence</c>: what is shown of up to 1,000 users, named in the body or as <c>?users=</c>.</summary>
internal sealed class QuestionEndpoint(
    BearerToken bearer, CallerRates rates, WatchGate gate, ShardSet shards, OverloadMonitor overload, NodeCounters counters, PresenceConfiguration configuration, TimeProvider time)
{
    private const string QueryName = "users";
    private const string BodyName = "users_status";

    /// <summary>Homes answer in microseconds, from the store in milliseconds; longer means that the store cannot be read.</summary>
    private static readonly TimeSpan _answeredWithin = TimeSpan.FromSeconds(5);

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

        if (overload.Sheds(OverloadStep.Reads))
        {
            counters.Sheds.Add(ShedClass.Reads);
            return Problem.Overloaded("The node is overloaded and answers no questions at present.", overload.RetryAfterMs);
        }

        if (!rates.TryTakeQuery(caller))
        {
            return Problem.TooMany(LimitNames.QueryRate, configuration.Limits.QueryRate);
        }

        (ulong[] userIds, problem) = await ReadIdsAsync(http, caller);
        problem ??= UserIdList.CheckCount(LimitNames.QueryIds, configuration.Limits.QueryIds, userIds);
        if (problem is not null)
        {
            return problem;
        }

        // Asked at the shard of the caller's own sessions, which alone knows whether the caller is invisible.
        var question = new PresenceAnswer(userIds, caller.UserId);
        if (!await gate.PassAsync(caller.UserId, question))
        {
            return Problem.Unavailable(WatchGate.ClosedMessage);
        }

        await shards.Of(caller.UserId).PostReadAsync(question);
        try
        {
            PresenceState[] states = await question.States.WaitAsync(_answeredWithin, time, http.RequestAborted);
            await WriteAsync(http, states);
            return null;
        }
        catch (TimeoutException)
        {
            return Problem.Unavailable("The last-active store does not answer. Try again.");
        }
    }

    private static async ValueTask<(ulong[] UserIds, Problem? Problem)> ReadIdsAsync(HttpContext http, TokenIdentity caller)
    {
        StringValues inQuery = http.Request.Query[QueryName];
        bool hasBody = JsonBody.IsPresent(http);
        if (hasBody == inQuery.Count > 0)
        {
            return ([], Problem.Invalid(BodyName, $"Name the users once: as {BodyName} in a JSON body, or as ?{QueryName}=2,3."));
        }

        if (!hasBody)
        {
            return (UserIdList.Read(QueryName, inQuery, out ulong[] userIds) is { } wrong) ? ([], wrong) : (userIds, null);
        }

        (QuestionBody? body, Problem? problem) = await JsonBody.ReadAsync(http, HttpJson.Wire.QuestionBody);
        problem ??= BearerToken.CheckOwn(caller, body!.UserId);
        if (problem is null && body!.UsersStatus is null)
        {
            problem = Problem.Invalid(BodyName, $"{BodyName} is missing: a list of user ids, such as [\"2\",\"3\"].");
        }

        return (body?.UsersStatus ?? [], problem);
    }

    private static Task WriteAsync(HttpContext http, PresenceState[] states)
    {
        var answer = new AnswerBody([.. states.Select(static state => PresenceView.Of(state))]);
        http.Response.ContentType = MediaTypeNames.Application.Json;
        http.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(http.Response.BodyWriter, answer, HttpJson.Wire.AnswerBody, http.RequestAborted);
    }
}
