using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>A few bytes are answered with many: who does not read the answers gets no more of them.</summary>
public sealed class UnreadErrorsTests
{
    private const int Frames = 600_000;

    // A field that no version knows: the connection lives, and is told each time.
    private static readonly byte[] s_unknown = [0xC0, 0x0C, 0x00];

    public static TheoryData<string> Doors => Transports.Doors;

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Frames_that_are_unknown_cost_no_memory_when_their_errors_are_not_read(string door)
    {
        await using Scene scene = await Scene.StartAsync(
            2, "Presence:Listen:Tls=127.0.0.1:0", "Presence:Limits:CongestedFor=00:00:03", "Presence:Session:HeartbeatInterval=00:01:00");
        Watcher watcher = await scene.WatchAsync(2);
        RawClient lazy = await Transports.ConnectAsync(scene, door);
        scene.Keep(lazy);
        await lazy.HelloAsync(TestTokens.For(scene.Server, 2));
        await watcher.OnlineAsync(2);
        long before = scene.Server.MostResidentKilobytes;
        Task sending = SendAsync(lazy);
        // It is closed for not reading, held, and gone.
        await watcher.OfflineAsync(2);
        await sending;

        // The errors of all of them are 120 MB.
        long grown = scene.Server.MostResidentKilobytes - before;
        Assert.True(grown < 40_000, $"The server grew by {grown} KB for a client that does not read its errors.");
    }

    private static async Task SendAsync(RawClient client)
    {
        byte[] frame = client.Framing == Protocol.Framing.LengthPrefix ? [(byte)s_unknown.Length, .. s_unknown] : s_unknown;
        int together = client.Framing == Protocol.Framing.LengthPrefix ? 1_000 : 1;
        byte[] bytes = [.. Enumerable.Repeat(frame, together).SelectMany(static one => one)];
        try
        {
            for (int sent = 0; sent < Frames; sent += together)
            {
                await client.SendBytesAsync(bytes);
            }
        }
        catch (Exception e) when (e is IOException or System.Net.WebSockets.WebSocketException or OperationCanceledException)
        {
            // Closed before all was sent.
        }
    }
}
