using System.Text.Json;
using Xunit;

namespace Presence.Server.Tests.Http;

[Collection(nameof(HttpServer))]
public sealed class ApiDocumentTests(HttpServer server)
{
    [Fact]
    public async Task The_document_describes_both_operations_with_their_errors_and_the_bearer_scheme()
    {
        (int status, JsonElement document) = await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json"));
        Assert.Equal(200, status);
        JsonElement path = document.GetProperty("paths").GetProperty("/users/presence");
        foreach (string method in new[] { "put", "get" })
        {
            JsonElement operation = path.GetProperty(method);
            Assert.Equal("#/components/schemas/ProblemBody", SchemaOf(operation, "401", "application/problem+json").Text("$ref"));
            Assert.True(operation.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        }

        Assert.Equal("#/components/schemas/PresenceView", SchemaOf(path.GetProperty("put"), "200", "application/json").Text("$ref"));
        Assert.Equal("string", SchemaOf(path.GetProperty("put"), "200", "text/event-stream").Text("type"));
        JsonElement bodyOfGet = path.GetProperty("get").GetProperty("requestBody");
        Assert.False(bodyOfGet.TryGetProperty("required", out JsonElement required) && required.GetBoolean());
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer").Text("scheme"));
        Assert.True(document.GetProperty("security")[0].TryGetProperty("bearer", out _));
    }

    [Fact]
    public async Task Its_schemas_have_the_names_that_the_answers_have()
    {
        ulong user = server.NewUser();
        JsonElement answer = await server.SetAsync(user, "online");
        (_, JsonElement document) = await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json"));
        JsonElement schemas = document.GetProperty("components").GetProperty("schemas");
        JsonElement view = schemas.GetProperty("PresenceView").GetProperty("properties");
        Assert.All(answer.EnumerateObject(), property => Assert.True(view.TryGetProperty(property.Name, out _), property.Name));
        JsonElement userId = schemas.GetProperty("StatusBody").GetProperty("properties").GetProperty("user_id");
        Assert.Equal(["integer", "string"], userId.GetProperty("type").EnumerateArray().Select(static type => type.GetString()).Order());
        Assert.Equal("array", schemas.GetProperty("QuestionBody").GetProperty("properties").GetProperty("users_status").Text("type"));
    }

    private static JsonElement SchemaOf(JsonElement operation, string status, string contentType) =>
        operation.GetProperty("responses").GetProperty(status).GetProperty("content").GetProperty(contentType).GetProperty("schema");
}
