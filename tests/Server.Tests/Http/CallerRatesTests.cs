using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Http;

public sealed class CallerRatesTests
{
    [Fact]
    public async Task Who_asks_too_often_is_told_when_to_ask_again_and_others_and_services_are_answered()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Limits:QueryRate=3/10m"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Http}") };
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, server, 1)).StatusCode);
        }

        using HttpResponseMessage refused = await AskAsync(http, server, 1);
        Assert.Equal((HttpStatusCode)429, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(200), refused.Headers.RetryAfter!.Delta);
        JsonElement problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(("LIMIT", "query_rate", 3), (problem.GetProperty("code").GetString(), problem.GetProperty("which").GetString(), problem.GetProperty("allowed").GetInt32()));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, server, 2)).StatusCode);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, server, 3, "presence:changes")).StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient http, ServerProcess server, ulong user, string? scope = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/users/presence?users=2");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(server, user, scope: scope));
        return await http.SendAsync(request);
    }
}
