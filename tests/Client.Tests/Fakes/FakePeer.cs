using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Tests.Fakes;

/// <summary>The server's end of one connection, in the hands of a test.</summary>
internal sealed class FakePeer : IDisposable
{
    private readonly Stream? _stream;
    private readonly WebSocket? _webSocket;
    private readonly byte[] _bytes = new byte[ProtocolLimits.MaxFrameBytes + 8];
    private int _used;

    public FakePeer(Stream stream) => _stream = stream;

    public FakePeer(WebSocket webSocket) => _webSocket = webSocket;

    /// <summary>The next frame of the client; null when it closed.</summary>
    public async Task<ClientFrame?> ReadAsync(CancellationToken cancellation)
    {
        ReadOnlySequence<byte> payload;
        while (!TryTake(out payload))
        {
            int read = await ReadBytesAsync(cancellation);
            if (read == 0)
            {
                return null;
            }
            _used += read;
        }
        return ClientFrames.TryParse(payload, out ClientFrame? frame, out FrameFault fault)
            ? frame
            : throw new InvalidDataException($"{fault}");
    }

    /// <summary>The next frame, which must be of this kind.</summary>
    public async Task<ClientFrame> ReadAsync(ClientFrame.FrameOneofCase kind, CancellationToken cancellation)
    {
        ClientFrame frame = await ReadAsync(cancellation)
            ?? throw new EndOfStreamException($"The client closed instead of sending {kind}.");
        return frame.FrameCase == kind ? frame : throw new InvalidDataException($"Expected {kind}, the client sent {frame}");
    }

    public async Task SendAsync(ServerFrame frame, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte> output = new();
        ServerFrames.Write(output, frame, _webSocket is null ? Framing.LengthPrefix : Framing.Message);
        await SendBytesAsync(output.WrittenMemory, cancellation);
    }

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (_stream is not null)
        {
            await _stream.WriteAsync(bytes, cancellation);
        }
        else
        {
            await _webSocket!.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        }
    }

    /// <summary>Ends a WebSocket with a close frame.</summary>
    public Task CloseWebSocketAsync(CloseCode code, CancellationToken cancellation) =>
        _webSocket!.CloseOutputAsync((WebSocketCloseStatus)(int)code, null, cancellation);

    public void Dispose()
    {
        _stream?.Dispose();
        _webSocket?.Dispose();
    }

    private bool TryTake(out ReadOnlySequence<byte> payload)
    {
        ReadOnlySequence<byte> buffer = new(_bytes.AsMemory(0, _used));
        if (_webSocket is not null)
        {
            payload = new ReadOnlySequence<byte>(_bytes[.._used]);
            bool any = _used > 0;
            _used = 0;
            return any;
        }
        if (FrameReader.TryRead(ref buffer, ProtocolLimits.MaxFrameBytes, out payload, out FrameFault fault) != FrameReadResult.Frame)
        {
            return fault == FrameFault.None ? false : throw new InvalidDataException($"{fault}");
        }
        payload = new ReadOnlySequence<byte>(payload.ToArray());
        buffer.CopyTo(_bytes);
        _used = (int)buffer.Length;
        return true;
    }

    private async Task<int> ReadBytesAsync(CancellationToken cancellation)
    {
        try
        {
            if (_stream is not null)
            {
                return await _stream.ReadAsync(_bytes.AsMemory(_used), cancellation);
            }
            ValueWebSocketReceiveResult read = await _webSocket!.ReceiveAsync(_bytes.AsMemory(_used), cancellation);
            return read.Count;
        }
        catch (Exception e) when (e is IOException or SocketException or WebSocketException)
        {
            return 0;
        }
    }
}
