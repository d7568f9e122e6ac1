using System.Diagnostics;
using System.Net;
using Google.Protobuf;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>Clients who come again as the server tells them to: exactly at their slot.</summary>
internal static class Comers
{
    /// <summary>Comes with a token, or when <paramref name="resumeToken"/> is given with that alone, until it is welcomed.</summary>
    /// <returns>The client, and the slots it was given, in ms from being told.</returns>
    public static async Task<(RawClient Client, List<uint> Slots)> ComeAsync(
        Func<Task<RawClient>> connect, string token, ByteString? resumeToken = null, Action<Hello>? change = null)
    {
        List<uint> slots = [];
        while (true)
        {
            RawClient client = await connect();
            ServerFrame first = await client.TryHelloAsync(resumeToken is null ? token : "", change: hello =>
            {
                hello.ResumeToken = resumeToken ?? ByteString.Empty;
                change?.Invoke(hello);
            });
            if (first.Welcome is not null)
            {
                return (client, slots);
            }

            Assert.Equal((ErrorCode.Overloaded, "handshakes"), (first.Error.Code, first.Error.Which));
            // Its time begins when it is told, as every client's does.
            long told = Stopwatch.GetTimestamp();
            GoAway goAway = (await client.ReceiveAsync()).GoAway;
            Assert.Equal((CloseCode.Overloaded, first.Error.ReconnectAfterMs), (goAway.CloseCode, goAway.ReconnectAfterMs));
            await client.DisposeAsync();
            slots.Add(goAway.ReconnectAfterMs);
            await WaitAsync(told, goAway.ReconnectAfterMs);
        }
    }

    /// <inheritdoc cref="ComeAsync(Func{Task{RawClient}}, string, ByteString?, Action{Hello}?)"/>
    public static Task<(RawClient Client, List<uint> Slots)> ComeAsync(
        IPEndPoint server, string token, ByteString? resumeToken = null, Action<Hello>? change = null) =>
        ComeAsync(() => RawClient.ConnectAsync(server), token, resumeToken, change);

    /// <summary>Until a slot, from a time of <see cref="Stopwatch"/> on.</summary>
    public static Task WaitAsync(long since, uint slotMs)
    {
        TimeSpan left = TimeSpan.FromMilliseconds(slotMs) - Stopwatch.GetElapsedTime(since);
        return left > TimeSpan.Zero ? Task.Delay(left) : Task.CompletedTask;
    }
}
