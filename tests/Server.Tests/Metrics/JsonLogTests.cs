using System.Text.Json;
using Presence.Server.Diagnostics;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Metrics;

/// <summary>The log is JSON where .NET's own setting asks for it, with the id of the event.</summary>
public sealed class JsonLogTests
{
    [Fact]
    public async Task Each_line_of_the_log_is_an_object_with_its_event()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Logging:Console:FormatterName=json"]);
        Assert.Equal(0, await server.StopAsync());
        int[] events =
        [
            .. server.Output.Split(Environment.NewLine).Where(static line => line.StartsWith('{'))
                .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("EventId").GetInt32()),
        ];
        Assert.Contains(LogEvents.LoadBegins, events);
        Assert.Contains(LogEvents.Stopping, events);
    }
}
