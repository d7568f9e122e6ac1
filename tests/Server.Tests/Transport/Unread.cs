using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>More answers than any socket holds, asked for at once and read afterwards.</summary>
internal static class Unread
{
    private const int Count = 400;

    /// <summary>Settings of a server for clients that do nothing but not read.</summary>
    public static readonly string[] Settings =
    [
        "Presence:Session:HeartbeatInterval=00:05:00", "Presence:Limits:CongestedFor=00:05:00", "Presence:Limits:PendingRequests=255",
    ];

    public static async Task QueriesAsync(RawClient client)
    {
        ulong[] ids = [.. Enumerable.Range(1_000, 1_000).Select(static id => (ulong)id)];
        // The server stops reading when its answers are not read: the sending ends with the reading.
        Task asking = AskAsync(client, ids);
        var answered = new Dictionary<ulong, int>();
        while (answered.Values.Sum() < Count * ids.Length)
        {
            PresenceBatch batch = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch;
            answered[batch.RequestId] = answered.GetValueOrDefault(batch.RequestId) + batch.Entries.Count;
        }

        await asking;
        Assert.All(answered.Values, count => Assert.Equal(ids.Length, count));
        Assert.Equal(Count, answered.Count);
    }

    private static async Task AskAsync(RawClient client, ulong[] ids)
    {
        for (ulong i = 1; i <= Count; i++)
        {
            var query = new Query { RequestId = i };
            query.UserIds.Add(ids);
            await client.SendAsync(new ClientFrame { Query = query });
        }
    }
}
