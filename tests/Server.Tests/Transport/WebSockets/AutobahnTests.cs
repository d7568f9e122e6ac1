using System.Collections.Frozen;
using Xunit;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>The listener for WebSocket alone, by the cases of the Autobahn test suite, on both transports.</summary>
public sealed class AutobahnTests(LeanServers servers) : IClassFixture<LeanServers>
{
    private static readonly FrozenDictionary<string, AutobahnCase> s_cases = AutobahnCases.All.ToFrozenDictionary(static one => one.Number);

    public static MatrixTheoryData<string, string> Cases => new(Transports.All.Select(static row => row.Data), AutobahnCases.All.Select(static one => one.Number));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case(string transport, string number)
    {
        AutobahnCase one = s_cases[number];
        await using WireClient client = await servers.EnterAsync(transport);
        Task sending = client.SendAsync(one.Sent, one.Chop);
        await client.ExpectAsync(one.Expected);
        await sending;
        if (!one.Expected.Any(static name => name.StartsWith("Close", StringComparison.Ordinal)))
        {
            await client.SendAsync(Wire.Close(1000));
            await client.ExpectAsync("Close 1000");
        }
        else if (one.Expected.Contains("Close 4504"))
        {
            await client.SendAsync(Wire.Close(4504));
        }

        await client.ExpectAsync("end");
    }
}
