using System.Text.Json.Serialization;

namespace Presence.Server.Http;

/// <summary>Every JSON contract of the API, by generated code.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(QuestionBody))]
[JsonSerializable(typeof(PresenceView))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(WelcomeEvent))]
[JsonSerializable(typeof(AckEvent))]
[JsonSerializable(typeof(TokenExpiringEvent))]
[JsonSerializable(typeof(GoAwayEvent))]
internal sealed partial class HttpJson : JsonSerializerContext;
