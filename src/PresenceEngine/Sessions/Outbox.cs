using System.Buffers;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// What a shard writes: every frame is encoded once into scratch, copied into the buffers of the connections it goes to, and each connection is
/// flushed once when the turn ends. A connection whose flush stays pending is congested until the host says that it has drained.
/// </summary>
internal sealed class Outbox(ShardOptions options, ShardTime time, HeartbeatPace pace, ShardCounters counters)
{
    private readonly byte[] _scratch = new byte[PresencePage.BufferBytes(options.MaxFrameBytes)];
    private readonly ArrayBufferWriter<byte> _rare = new(256);
    private readonly byte[] _beatAck = new byte[HeartbeatAckFrame.MaxBytes];
    private readonly List<Flushed> _toFlush = [];
    private int _beatAckBytes;
    private long _beatAckAtMs = -1;
    private long _beatAckIntervalMs;

    public ShardCounters Counters => counters;

    /// <summary>Scratch for one frame of any size; valid until the next frame is encoded.</summary>
    public Span<byte> Scratch => _scratch;

    public CongestedConnections Congested { get; } = new();

    public void Send(ConnectionPort connection, ReadOnlySpan<byte> frame, int prefixBytes)
    {
        if (IsOpen(connection))
        {
            connection.Write(frame, prefixBytes);
            FlushLater(connection);
        }
    }

    /// <summary>Adds what the transport has to say among the frames.</summary>
    public void Reply(ConnectionPort connection, ReadOnlySpan<byte> bytes)
    {
        if (IsOpen(connection))
        {
            connection.WriteReply(bytes);
            FlushLater(connection);
        }
    }

    public void Send(ConnectionPort connection, ReadOnlySpan<byte> frame) => Send(connection, frame, PrefixOf(frame));

    /// <summary>Bytes of the length in front of an encoded frame: 1 up to 127 bytes of payload, else as the varint says.</summary>
    public static int PrefixOf(ReadOnlySpan<byte> frame)
    {
        int bytes = 1;
        while (frame[bytes - 1] >= 0x80)
        {
            bytes++;
        }

        return bytes;
    }

    public void Ack(ConnectionPort connection, ulong requestId, ulong version)
    {
        int length = AckFrame.Write(_scratch, requestId, version, Framing.LengthPrefix);
        Send(connection, _scratch.AsSpan(0, length), 1);
    }

    public void BeatAck(ConnectionPort connection)
    {
        // Answers that nobody reads would pile up: one stands for all that are owed.
        if (connection.Has(ConnectionFlags.Congested))
        {
            connection.Set(ConnectionFlags.BeatAckOwed, true);
            return;
        }

        long intervalMs = pace.Tell(connection);
        if (_beatAckAtMs != time.WallMs || _beatAckIntervalMs != intervalMs)
        {
            (_beatAckAtMs, _beatAckIntervalMs) = (time.WallMs, intervalMs);
            _beatAckBytes = HeartbeatAckFrame.Write(_beatAck, (ulong)time.WallMs, (uint)intervalMs, Framing.LengthPrefix);
        }

        Send(connection, _beatAck.AsSpan(0, _beatAckBytes), 1);
    }

    public void Error(ConnectionPort connection, Error error)
    {
        counters.Limits.Hit(error);
        counters.Sheds.Add(error);
        Send(connection, new ServerFrame { Error = error });
    }

    public void Send(ConnectionPort connection, ServerFrame frame)
    {
        _rare.ResetWrittenCount();
        ServerFrames.Write(_rare, frame, Framing.LengthPrefix, options.MaxFrameBytes);
        Send(connection, _rare.WrittenSpan);
    }

    /// <summary>Says GoAway, sends what there is and hands the connection back to the host.</summary>
    public void Close(ConnectionPort connection, CloseCode code, uint? slotMs = null)
    {
        if (!IsOpen(connection))
        {
            return;
        }

        if (code != CloseCode.Unspecified)
        {
            var goAway = new GoAway { CloseCode = code };
            if (slotMs is { } slot)
            {
                goAway.ReconnectAfterMs = slot;
            }

            Send(connection, new ServerFrame { GoAway = goAway });
        }

        connection.Set(ConnectionFlags.Closing, true);
        if (!connection.Has(ConnectionFlags.Congested))
        {
            FlushNow(connection);
        }

        connection.Close(code);
        counters.Closed++;
        counters.Closes.Add(code);
    }

    public void FlushLater(ConnectionPort connection)
    {
        if (!connection.Has(ConnectionFlags.FlushQueued | ConnectionFlags.Congested))
        {
            connection.Set(ConnectionFlags.FlushQueued, true);
            _toFlush.Add(new(connection));
        }
    }

    /// <summary>The turn's last act.</summary>
    public void FlushAll()
    {
        foreach (Flushed next in _toFlush)
        {
            ConnectionPort connection = next.Connection;
            connection.Set(ConnectionFlags.FlushQueued, false);
            if (connection.Has(ConnectionFlags.Closing | ConnectionFlags.Lost))
            {
                continue;
            }

            FlushNow(connection);
        }

        _toFlush.Clear();
    }

    private static bool IsOpen(ConnectionPort connection) => !connection.Has(ConnectionFlags.Closing) && connection.Slot >= 0;

    private void FlushNow(ConnectionPort connection)
    {
        counters.Flushes++;
        if (!connection.Flush())
        {
            counters.Limits.Hit(LimitHits.OutboundBytes);
            connection.Set(ConnectionFlags.Congested, true);
            connection.CongestedSinceMs = time.Now;
            Congested.Add(connection);
        }
    }

    // In a list of the class itself every store would be checked against the kinds of connections there are: one a delivery.
    private readonly record struct Flushed(ConnectionPort Connection);
}
