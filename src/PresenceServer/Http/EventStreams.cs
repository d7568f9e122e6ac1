using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Transport;
using Presence.Server.Transport.Admission;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>Opens event streams: a PUT that accepts <c>text/event-stream</c> is a device that is up as long as its answer lasts.</summary>
internal sealed class EventStreams(ClientContext context, StreamBeats beats, Admissions admissions, PresenceConfiguration configuration)
{
    private const string DeviceParameter = "device";
    private const string WatchParameter = "watch";
    private const int RandomDeviceBytes = 12;

    public static bool IsAskedFor(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted)
        && accepted.Any(static type =>
            type.MediaType.Equals(MediaTypeNames.Text.EventStream, StringComparison.OrdinalIgnoreCase) && type.Quality != 0);

    /// <summary>Serves the stream to its end; a problem when it cannot begin.</summary>
    public async Task<Problem?> ServeAsync(HttpContext http, TokenIdentity caller, Status status, byte[]? text)
    {
        if (status == Status.Offline)
        {
            return Problem.Invalid(
                "presence", "offline ends your HTTP devices and opens no stream; send it without 'Accept: text/event-stream'.");
        }

        ulong[] watched = [];
        IQueryCollection query = http.Request.Query;
        if ((ReadDevice(query[DeviceParameter], out string device) ?? ReadWatched(query[WatchParameter], out watched)) is { } problem)
        {
            return problem;
        }

        // A stream without a name is another one each time: its user stands in the queue for it.
        ulong asker = query.ContainsKey(DeviceParameter) ? context.Shards.KeyOf(HttpDevices.OfStream(device)) : 0;
        if (admissions.Enter(admissions.Plain, Admissions.KeyOf(caller.UserId, asker), wasHere: false) is { Ticks: > 0 } wait)
        {
            Refusal later = Admissions.Later(wait);
            context.Counters.Refused(later);
            if (asker != 0)
            {
                await context.Shards.Of(caller.UserId).PostLivenessAsync(admissions.HeldUntil(wait, caller.UserId, asker));
            }

            return Problem.Of(later.Error);
        }

        var connection = new EventStreamConnection(http, context, beats, device, watched);
        ShardHost shard = context.Shards.Of(caller.UserId);
        connection.Attach(new Hosted(
            shard, caller.UserId, HttpDevices.OfStream(device), TokenFacts.Of(caller), ClientNameOf(http.Request)));
        return await connection.RunAsync(
            Up(connection, caller, status),
            new SetStatusRequest(connection, EventStreamConnection.StatusRequest, status, text) { IsOfHello = true });
    }

    // The status comes up with the session, so that nobody sees another one in between; the change after it is for the text and the answer.
    private SessionUp Up(EventStreamConnection connection, TokenIdentity caller, Status status) =>
        new(connection, caller.UserId, context.Shards.KeyOf(connection.Session!.DeviceId))
        {
            InitialStatus = status == Status.Invisible ? Status.Unspecified : status,
            Hidden = status == Status.Invisible,
            Http = true,
            TokenExpiresMs = caller.ExpiresAt.ToUnixTimeMilliseconds(),
            Token = caller.Mark,
        };

    private Problem? ReadDevice(StringValues value, out string device)
    {
        device = "";
        if (value.Count > 1)
        {
            return Problem.Invalid(DeviceParameter, "device is there more than once; a stream is one device. Name it once, or leave it out.");
        }

        device = value.Count == 0 ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomDeviceBytes)) : value.ToString();
        int bytes = Encoding.UTF8.GetByteCount(device);
        int allowed = configuration.Limits.DeviceIdBytes;
        if (bytes == 0)
        {
            return Problem.Invalid(DeviceParameter, "device is empty; choose a name for the installation and keep it, or leave it out.");
        }

        return bytes <= allowed
            ? null
            : Problem.Limit(LimitNames.DeviceIdBytes, allowed, $"device has {bytes} bytes of UTF-8; {allowed} are allowed. Shorten it.");
    }

    private Problem? ReadWatched(StringValues values, out ulong[] watched)
    {
        if (UserIdList.Read(WatchParameter, values, out watched) is { } wrong)
        {
            return wrong;
        }

        watched = [.. watched.Distinct()];
        return UserIdList.CheckCount(LimitNames.WatchIds, configuration.Limits.WatchIds, watched)
            ?? UserIdList.CheckCount(LimitNames.Watches, configuration.Limits.Watches, watched);
    }

    // For admins; only what is plain text and of the length that binary clients have.
    private static string ClientNameOf(HttpRequest request)
    {
        string agent = request.Headers.UserAgent.ToString();
        return Ascii.IsValid(agent) ? agent[..Math.Min(agent.Length, ProtocolLimits.MaxClientNameBytes)] : "";
    }
}
