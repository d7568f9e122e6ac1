using System.Collections.Frozen;
using System.Net.Sockets;
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
        Task sending = SendAsync(client, one);
        await client.ExpectAsync(one.Expected);
        await sending;
        if (!one.Closes)
        {
            await client.SendAsync(Wire.Close(1000));
            await client.ExpectAsync("Close 1000");
        }
        else if (one.IsRefused)
        {
            await client.SendAsync(Wire.Close(4504));
        }

        // The framework's sockets end both halves at once: what is sent behind that is reset.
        string[] ends = transport == "sockets" ? ["end", "reset"] : ["end"];
        Assert.Contains(await client.ReadAsync(), ends);
    }

    private static async Task SendAsync(WireClient client, AutobahnCase one)
    {
        try
        {
            await client.SendAsync(one.Sent, one.Chop);
        }
        catch (SocketException) when (one.Closes)
        {
            // The server does not wait for the rest of what it does not hear.
        }
    }
}
