using System.Net;
using System.Text;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Metrics;

/// <summary>The standard variables of the environment make the node push its metrics; without them it does not.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task A_collector_that_the_environment_names_is_told()
    {
        using HttpListener collector = Listen(out string address);
        Task<string> told = UntilToldAsync(collector, "presence.sessions");
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Listen:Admin=off"], variables: new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        });
        string text = await told.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Contains("{session}", text, StringComparison.Ordinal);
        Assert.Contains("dotnet.gc.pause.time", text, StringComparison.Ordinal);
    }

    // The first that is told may be of before the server is complete.
    private static async Task<string> UntilToldAsync(HttpListener collector, string name)
    {
        while (true)
        {
            HttpListenerContext told = await collector.GetContextAsync();
            Assert.Equal("/v1/metrics", told.Request.Url!.AbsolutePath);
            Assert.Equal("application/x-protobuf", told.Request.ContentType);
            using var body = new MemoryStream();
            await told.Request.InputStream.CopyToAsync(body, TestContext.Current.CancellationToken);
            told.Response.Close();
            string text = Encoding.Latin1.GetString(body.ToArray());
            if (text.Contains(name, StringComparison.Ordinal))
            {
                return text;
            }
        }
    }

    private static HttpListener Listen(out string address)
    {
        address = $"http://{LoopbackPorts.Free()}";
        var listener = new HttpListener { Prefixes = { address + "/" } };
        listener.Start();
        return listener;
    }
}
