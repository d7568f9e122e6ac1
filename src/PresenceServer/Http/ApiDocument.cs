using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Presence.Protocol;

namespace Presence.Server.Http;

/// <summary>The OpenAPI document. The handlers read their requests themselves, so what they read is said here.</summary>
internal static class ApiDocument
{
    private const string Bearer = "bearer";

    private static readonly string[] _asked = ["online", "away", "busy", "invisible", "offline"];
    private static readonly string[] _shown = [.. _asked, "unknown"];
    private static readonly int[] _errors = [400, 401, 403, 409, 413, 415, 429, 500, 503];

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(static json =>
        {
            // Schemas are made by these options; the API itself reads and writes by the contracts alone.
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, HttpJson.Default);
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        })
        .AddOpenApi(static options => options.AddSchemaTransformer(DescribeValues).AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Presence",
                Version = "1",
                Description = "Who is online. 64-bit values are strings; every error is a problem document (RFC 9457).",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Bearer] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = Bearer,
                    BearerFormat = "JWT",
                    Description = "sub is the user id: decimal, 1 to 9223372036854775807.",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            return Task.CompletedTask;
        }));

    public static void DescribeStatus(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("setPresence")
        .WithTags("presence")
        .WithSummary("Sets the caller's status")
        .WithDescription(
            "Without events a lease of d + 2δ on the device 'http', renewed by repeating it. With 'Accept: text/event-stream' the "
            + "caller is up as long as the stream is open, on a device of its own. offline ends the caller's HTTP devices; invisible is "
            + "the user's and ends with the next other status.")
        .Accepts<StatusBody>(MediaTypeNames.Application.Json)
        .Produces<PresenceView>(200, MediaTypeNames.Application.Json)
        .ProducesErrors()
        .AddOpenApiOperationTransformer(static (operation, _, _) =>
        {
            operation.Parameters =
            [
                Parameter("device", "browser-1", "Streams only: the device of the stream, 1 to 64 bytes; else the server makes one up."),
                Parameter("watch", "2,3", "Streams only: user ids, at most 1000. The stream begins with the state of each."),
            ];
            ((OpenApiResponse)operation.Responses!["200"]).Content![EventWriter.ContentType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "Events: welcome, ack, presence (data as in the JSON answer), error, token-expiring, goaway.",
                },
            };
            return Task.CompletedTask;
        });

    public static void DescribeQuestion(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("getPresence")
        .WithTags("presence")
        .WithSummary("What is shown of users")
        .WithDescription("Names the users in the body or, where bodies of GET do not pass, as ?users=. One answer for each id, in order.")
        .Accepts<QuestionBody>(isOptional: true, MediaTypeNames.Application.Json)
        .Produces<AnswerBody>(200, MediaTypeNames.Application.Json)
        .ProducesErrors()
        .AddOpenApiOperationTransformer(static (operation, _, _) =>
        {
            operation.Parameters = [Parameter("users", "2,3", "User ids, at most 1000, separated by commas.")];
            return Task.CompletedTask;
        });

    public static void DescribeChanges(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("followChanges")
        .WithTags("changes")
        .WithSummary("Every transition, in order")
        .WithDescription(
            "For back-ends: the token needs the scope presence:changes. Without a cursor the stream begins with who is there. Whoever comes back with the id "
            + "of the last event goes on behind it; 410 when that is older than the journal's retention. In a cluster every node "
            + "tells of all users, and a cursor is good at each.")
        .Produces<PresenceView>(200, EventWriter.ContentType)
        .ProducesErrors(400, 401, 403, 406, 410, 500, 503)
        .AddOpenApiOperationTransformer(static (operation, _, _) =>
        {
            operation.Parameters =
            [
                Parameter("after", "17-1764345600000-4096-0", "The id of the last event, or 'latest' for what comes from now on. The header Last-Event-ID wins."),
            ];
            ((OpenApiResponse)operation.Responses!["200"]).Description =
                "Events: presence (the snapshot, without ids), snapshot-end, change, watermark, error, goaway.";
            return Task.CompletedTask;
        });

    // What the types do not say: ids are text or numbers, statuses are words.
    private static Task DescribeValues(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        Type type = context.JsonTypeInfo.Type;
        if (type == typeof(ulong) || type == typeof(ulong?))
        {
            schema.Type = JsonSchemaType.String | JsonSchemaType.Integer;
            schema.Format = null;
            schema.Pattern = "^[1-9][0-9]{0,18}$";
        }
        else if (type == typeof(ulong[]))
        {
            schema.Type = JsonSchemaType.Array;
            schema.MaxItems = ProtocolLimits.MaxIdsPerRequest;
        }
        else if (context.JsonPropertyInfo is { Name: "presence", DeclaringType: var owner })
        {
            string[] words = owner == typeof(StatusBody) ? _asked : _shown;
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. words.Select(static word => JsonValue.Create(word))];
        }

        return Task.CompletedTask;
    }

    private static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> errors)
    {
        foreach (int status in errors.IsEmpty ? _errors : errors)
        {
            endpoint.Produces<ProblemBody>(status, Problem.ContentType);
        }

        return endpoint;
    }

    private static OpenApiParameter Parameter(string name, string example, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [JsonValue.Create(example)] },
    };
}
