using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Presence.Server.Http;

/// <summary>Every JSON contract of the API, by generated code.</summary>
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(QuestionBody))]
[JsonSerializable(typeof(PresenceView))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(WelcomeEvent))]
[JsonSerializable(typeof(AckEvent))]
[JsonSerializable(typeof(TokenExpiringEvent))]
[JsonSerializable(typeof(GoAwayEvent))]
[JsonSerializable(typeof(SnapshotEndEvent))]
[JsonSerializable(typeof(WatermarkEvent))]
internal sealed partial class HttpJson : JsonSerializerContext
{
    /// <summary>
    /// As the API speaks. Text as it is: nothing of it is ever part of a page, so nothing needs more escaping than JSON itself does.
    /// </summary>
    public static HttpJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowDuplicateProperties = false,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
