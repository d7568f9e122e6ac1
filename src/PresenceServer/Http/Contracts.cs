using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Presence.Server.Http;

/// <summary>What a PUT says.</summary>
internal sealed record StatusBody
{
    [Description("online, away, busy, invisible or offline")]
    public string? Presence { get; init; }

    [JsonConverter(typeof(UserIdConverter))]
    [Description("Whose presence it is; may be left out, and must be the token's sub otherwise.")]
    public ulong? UserId { get; init; }

    [Description("At most 128 bytes of UTF-8.")]
    public string? StatusText { get; init; }
}

/// <summary>Whom a GET asks about, in its body.</summary>
internal sealed record QuestionBody
{
    [JsonConverter(typeof(UserIdsConverter))]
    [Description("At most 1000 user ids.")]
    public ulong[]? UsersStatus { get; init; }

    [JsonConverter(typeof(UserIdConverter))]
    [Description("Who asks; may be left out, and must be the token's sub otherwise.")]
    public ulong? UserId { get; init; }
}

/// <summary>What a GET answers: one for each id asked, in order.</summary>
internal sealed record AnswerBody(IReadOnlyList<PresenceView> Users);

/// <summary>Problem details (RFC 9457).</summary>
internal sealed record ProblemBody(
    [property: Description("urn:presence:error: and the code; stable.")] string Type,
    string Title,
    int Status,
    [property: Description("What was wrong, what was expected, what to do.")] string Detail,
    [property: Description("The error code, as on the wire.")] string Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("The field or the limit.")] string? Which = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), Description("The value of the limit.")] long? Allowed = null);

/// <summary>The first event of a stream.</summary>
/// <param name="Device">Its device; the name to come back with.</param>
/// <param name="SessionId">A stamp, opaque.</param>
/// <param name="Resumed">Nobody saw the device go.</param>
/// <param name="HoldMs">How long the device stays up when the stream is lost.</param>
/// <param name="BeatMs">A comment comes at least so often; a stream that is silent for much longer is dead.</param>
internal sealed record WelcomeEvent(
    string UserId, string Device, string SessionId, bool Resumed, long HoldMs, long BeatMs, string ServerTimeMs);

/// <summary>The status the stream was opened with holds.</summary>
internal sealed record AckEvent(string Version);

/// <summary>Behind the snapshot of a change feed.</summary>
/// <param name="Users">How many were named; everybody else is offline.</param>
internal sealed record SnapshotEndEvent(string Users);

/// <summary>Of a change feed: all there is has been told.</summary>
/// <param name="AsOfMs">Everything that was decided up to then has been told, Unix milliseconds; null until every shard has stated a time.</param>
internal sealed record WatermarkEvent(string? AsOfMs);

internal sealed record TokenExpiringEvent(uint InMs);

/// <summary>The last event of a stream that the server ends.</summary>
/// <param name="CloseCode">As on the wire; 0: the client itself said offline.</param>
/// <param name="ComesBack">Whether to open another stream.</param>
/// <param name="ReconnectAfterMs">When; without it by the usual back-off.</param>
internal sealed record GoAwayEvent(
    int CloseCode,
    string Reason,
    bool ComesBack,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] uint? ReconnectAfterMs);
