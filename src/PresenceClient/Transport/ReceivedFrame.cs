using System.Buffers;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Transport;

/// <summary>What both transports do with the bytes of one frame.</summary>
internal static class ReceivedFrame
{
    /// <summary>Null: a kind of frame that a newer server sends and this client does not know; to be passed over.</summary>
    /// <exception cref="IOException">Not a frame.</exception>
    public static ServerFrame? Parse(ReadOnlySequence<byte> payload)
    {
        if (ServerFrames.TryParse(payload, out ServerFrame? frame, out FrameFault fault))
        {
            return frame;
        }
        return FrameFaults.Closes(fault) ? throw Fault(fault) : null;
    }

    public static IOException Fault(FrameFault fault) =>
        new($"The server sent bytes that are not a frame of presence.v1 ({fault}). Check that the address is a presence server's.");
}
