using System.Net;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Presence.Admin.V1;
using Presence.TestKit;

namespace Presence.Ctl.Tests;

/// <summary>The admin service and the health pages answer on the admin listener and nowhere else, and the service to nobody without its scope.</summary>
public class AdminListenerTests(Node node)
{
    private static readonly HttpClient s_http = new();

    public static TheoryData<string> Methods =>
        [.. AdminReflection.Descriptor.Services[0].Methods.Select(static method => method.Name)];

    public static TheoryData<string> Paths =>
        [.. AdminReflection.Descriptor.Services[0].Methods.Select(static method => $"/{method.Service.FullName}/{method.Name}"), "/livez", "/readyz", "/metrics"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task An_admin_address_is_unknown_on_the_public_port(string path)
    {
        foreach (string host in new[] { node.Server.Http.ToString(), node.Server.Admin.ToString() })
        {
            Assert.Equal(HttpStatusCode.NotFound, await AskAsync(HttpMethod.Get, node.Server.Http, path, host));
            Assert.Equal(HttpStatusCode.NotFound, await AskAsync(HttpMethod.Post, node.Server.Http, path, host));
        }

        HttpMethod right = path[1] is 'p' ? HttpMethod.Post : HttpMethod.Get;
        Assert.Equal(HttpStatusCode.OK, await AskAsync(right, node.Server.Admin, path, node.Server.Admin.ToString()));
    }

    [Theory]
    [InlineData("/v1/connect")]
    [InlineData("/users/presence")]
    [InlineData("/openapi/v1.json")]
    public async Task A_public_address_is_unknown_on_the_admin_port(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(HttpMethod.Get, node.Server.Admin, path, node.Server.Http.ToString()));

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_call_without_a_token_is_unauthenticated(string method) =>
        Assert.Equal(StatusCode.Unauthenticated, await CallAsync(method, token: null));

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_call_with_a_users_token_is_denied(string method) =>
        Assert.Equal(StatusCode.PermissionDenied, await CallAsync(method, TestTokens.For(node.Server, 1)));

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_call_with_a_token_of_another_scope_is_denied(string method) =>
        Assert.Equal(StatusCode.PermissionDenied, await CallAsync(method, TestTokens.For(node.Server, 1, scope: "presence:gateway presence:administrator")));

    [Fact]
    public async Task A_stream_comes_bit_by_bit_over_http_1_1()
    {
        var versions = new VersionRecorder();
        using GrpcChannel channel = Connect(versions);
        var service = new AdminService.AdminServiceClient(channel);
        using AsyncServerStreamingCall<WatchPresenceResponse> call = service.WatchPresence(
            new WatchPresenceRequest { UserIds = { 481 } }, Headers(LocalCredentials.AdminToken(node.Server.DataDirectory)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        // The first part is here while the call goes on; only now comes what the second is about.
        await using RawClient client = await node.ConnectAsync(481);
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(V1.Status.Online, Assert.Single(call.ResponseStream.Current.Entries).Status);
        Assert.Equal([HttpVersion.Version11], versions.Seen);
    }

    [Theory]
    [InlineData("/readyz", "listeners, shards, recovery, store, journal, memory budget, users, revocations, stopping")]
    [InlineData("/livez", "shards")]
    public async Task Health_lists_each_check(string path, string checks)
    {
        string body = await s_http.GetStringAsync(new Uri($"http://{node.Server.Admin}{path}"), TestContext.Current.CancellationToken);
        JsonElement health = JsonDocument.Parse(body).RootElement;
        Assert.Equal("ok", health.GetProperty("status").GetString());
        JsonElement[] listed = [.. health.GetProperty("checks").EnumerateArray()];
        Assert.Equal(checks, string.Join(", ", listed.Select(static check => check.GetProperty("name").GetString())));
        Assert.All(listed, static check => Assert.Equal("ok", check.GetProperty("status").GetString()));
    }

    private static async Task<HttpStatusCode> AskAsync(HttpMethod method, IPEndPoint address, string path, string host)
    {
        // The host a client names must not matter: only the port does it come in at.
        using var request = new HttpRequestMessage(method, new Uri($"http://{address}{path}")) { Headers = { Host = host } };
        if (method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(new byte[5]);
            request.Content.Headers.ContentType = new("application/grpc-web");
        }

        using HttpResponseMessage response = await s_http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    // Any method of the service by its descriptor, so that none is forgotten; an empty request is enough to be refused.
    private async Task<StatusCode> CallAsync(string name, string? token)
    {
        MethodDescriptor descriptor = AdminReflection.Descriptor.Services[0].FindMethodByName(name);
        var method = new Method<byte[], byte[]>(
            descriptor.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary,
            descriptor.Service.FullName,
            name,
            Marshallers.Create(static bytes => bytes, static bytes => bytes),
            Marshallers.Create(static bytes => bytes, static bytes => bytes));
        using GrpcChannel channel = Connect(new VersionRecorder());
        CallInvoker invoker = channel.CreateCallInvoker();
        var options = new CallOptions(Headers(token), cancellationToken: TestContext.Current.CancellationToken);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            if (descriptor.IsServerStreaming)
            {
                using AsyncServerStreamingCall<byte[]> call = invoker.AsyncServerStreamingCall(method, null, options, []);
                await call.ResponseStream.MoveNext(CancellationToken.None);
            }
            else
            {
                await invoker.AsyncUnaryCall(method, null, options, []);
            }
        });
        return refused.StatusCode;
    }

    private GrpcChannel Connect(DelegatingHandler handler)
    {
        handler.InnerHandler = new HttpClientHandler();
        return GrpcChannel.ForAddress($"http://{node.Server.Admin}", new GrpcChannelOptions
        {
            HttpVersion = HttpVersion.Version11,
            HttpHandler = new GrpcWebHandler(handler),
            // The listener has places for 32 operators.
            DisposeHttpClient = true,
        });
    }

    private static Metadata Headers(string? token) => token is null ? [] : new Metadata { { "authorization", $"Bearer {token}" } };

    private sealed class VersionRecorder : DelegatingHandler
    {
        public List<Version> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            Seen.Add(response.Version);
            return response;
        }
    }
}
