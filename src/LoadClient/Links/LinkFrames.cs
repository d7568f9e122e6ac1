using System.Buffers;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>The rarer frames of a gateway link.</summary>
internal static class LinkFrames
{
    public static ReadOnlySpan<byte> Hello(string token, string gatewayId, bool startsAnew)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, new ClientFrame
        {
            GatewayHello = new GatewayHello
            {
                ProtocolVersion = ProtocolLimits.ProtocolVersion,
                Token = token,
                GatewayId = gatewayId,
                ClientName = "LoadClient",
                StartsAnew = startsAnew,
            },
        });
        return output.WrittenSpan;
    }

    public static void WriteComplete(IBufferWriter<byte> output, ulong seq) =>
        Write(output, new ClientFrame { SessionsComplete = new SessionsComplete { Seq = seq } });

    public static void WriteWatchAll(IBufferWriter<byte> output, ulong requestId) =>
        Write(output, new ClientFrame { WatchAll = new WatchAll { RequestId = requestId } });

    public static void WriteQuery(IBufferWriter<byte> output, ulong requestId, ReadOnlySpan<ulong> userIds)
    {
        var query = new Query { RequestId = requestId };
        query.UserIds.Capacity = userIds.Length;
        foreach (ulong userId in userIds)
        {
            query.UserIds.Add(userId);
        }

        Write(output, new ClientFrame { Query = query });
    }

    private static void Write(IBufferWriter<byte> output, ClientFrame frame) =>
        ClientFrames.Write(output, frame, Framing.LengthPrefix);
}
