using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using Google.Protobuf;
using Presence.Protocol;
using Presence.V1;

namespace Presence.TestKit;

/// <summary>A client that does only what a test tells it: no heartbeats, no reconnects. Frames are kept in the order they came.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket? _socket;
    private readonly Stream? _stream;
    private readonly ClientWebSocket? _webSocket;
    private byte[] _buffer = new byte[1 << 17];
    private int _start;
    private int _end;

    private RawClient(Socket? socket, Stream? stream, ClientWebSocket? webSocket) => (_socket, _stream, _webSocket) = (socket, stream, webSocket);

    public Welcome? Welcome { get; private set; }

    /// <summary>What <see cref="SendBytesAsync"/> expects of frames.</summary>
    public Framing Framing => _webSocket is null ? Framing.LengthPrefix : Framing.Message;

    /// <param name="address">The server's.</param>
    /// <param name="receiveBuffer">0: as the system has it.</param>
    /// <param name="from">Another address of the loopback than the usual.</param>
    public static async Task<RawClient> ConnectAsync(IPEndPoint address, int receiveBuffer = 0, IPAddress? from = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(address);
        return new RawClient(socket, new NetworkStream(socket), null);
    }

    public static async Task<RawClient> ConnectTlsAsync(IPEndPoint address, int receiveBuffer = 0)
    {
        RawClient plain = await ConnectAsync(address, receiveBuffer);
        var tls = new SslStream(plain._stream!);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [new SslApplicationProtocol(ProtocolLimits.Subprotocol)],
            // The test server's certificate is its own.
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return new RawClient(plain._socket, tls, null);
    }

    public static async Task<RawClient> ConnectWebSocketAsync(IPEndPoint address)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(ProtocolLimits.Subprotocol);
        await socket.ConnectAsync(new Uri($"ws://{address}/v1/connect"), CancellationToken.None);
        return new RawClient(null, null, socket);
    }

    /// <summary>Says Hello and waits for the Welcome; keeps it.</summary>
    public async Task<Welcome> HelloAsync(string token, string device = "phone", Action<Hello>? change = null)
    {
        await SendHelloAsync(token, device, change);
        return Welcome = (await ReceiveAsync(ServerFrame.FrameOneofCase.Welcome)).Welcome;
    }

    /// <summary>Says Hello.</summary>
    /// <returns>What the server says first: a Welcome, which is kept, or the error of a refusal.</returns>
    public async Task<ServerFrame> TryHelloAsync(string token, string device = "phone", Action<Hello>? change = null)
    {
        await SendHelloAsync(token, device, change);
        ServerFrame first = await ReceiveAsync();
        Welcome = first.Welcome ?? Welcome;
        return first;
    }

    private Task SendHelloAsync(string token, string device, Action<Hello>? change)
    {
        var hello = new Hello { ProtocolVersion = 1, Token = token, DeviceId = device, DeviceKind = DeviceKind.Mobile, ClientName = "test" };
        change?.Invoke(hello);
        return SendAsync(new ClientFrame { Hello = hello });
    }

    public async Task SendAsync(ClientFrame frame)
    {
        if (_webSocket is not null)
        {
            await _webSocket.SendAsync(frame.ToByteArray(), WebSocketMessageType.Binary, true, CancellationToken.None);
            return;
        }

        var output = new ArrayBufferWriter<byte>();
        ClientFrames.Write(output, frame, Framing.LengthPrefix, 1 << 20);
        await _stream!.WriteAsync(output.WrittenMemory);
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendBytesAsync(byte[] bytes)
    {
        if (_webSocket is not null)
        {
            await _webSocket.SendAsync(bytes, WebSocketMessageType.Binary, true, CancellationToken.None);
        }
        else
        {
            await _stream!.WriteAsync(bytes);
        }
    }

    public Task HeartbeatAsync(HeartbeatFlags flags = HeartbeatFlags.None) => SendAsync(new ClientFrame { Heartbeat = (uint)flags });

    /// <summary>A heartbeat and its answer: everything sent before has been read by the server, everything the shard did before is here.</summary>
    public async Task<List<ServerFrame>> RoundTripAsync()
    {
        await HeartbeatAsync(HeartbeatFlags.WantAck);
        List<ServerFrame> before = [];
        ServerFrame frame;
        while ((frame = await ReceiveAsync()).FrameCase != ServerFrame.FrameOneofCase.HeartbeatAck)
        {
            before.Add(frame);
        }

        return before;
    }

    public async Task<PresenceBatch> WatchAsync(ulong requestId, params ulong[] ids)
    {
        var watch = new Watch { RequestId = requestId };
        watch.UserIds.Add(ids);
        await SendAsync(new ClientFrame { Watch = watch });
        return await ReceiveBatchAsync(batch => batch.HasRequestId && batch.RequestId == requestId);
    }

    public async Task<PresenceBatch> QueryAsync(ulong requestId, params ulong[] ids)
    {
        var query = new Query { RequestId = requestId };
        query.UserIds.Add(ids);
        await SendAsync(new ClientFrame { Query = query });
        return await ReceiveBatchAsync(batch => batch.HasRequestId && batch.RequestId == requestId);
    }

    public async Task<Ack> SetStatusAsync(ulong requestId, Status status, string text = "")
    {
        await SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = requestId, Status = status, StatusText = text } });
        ServerFrame frame;
        while ((frame = await ReceiveAsync(ServerFrame.FrameOneofCase.Ack)).Ack.RequestId != requestId)
        {
        }

        return frame.Ack;
    }

    public async Task<PresenceBatch> ReceiveBatchAsync(Func<PresenceBatch, bool> match)
    {
        while (true)
        {
            PresenceBatch batch = (await ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch;
            if (match(batch))
            {
                return batch;
            }
        }
    }

    /// <summary>The next update of a user that fits.</summary>
    public async Task<PresenceEntry> UpdateAsync(ulong userId, Func<PresenceEntry, bool>? match = null)
    {
        while (true)
        {
            PresenceBatch batch = (await ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch;
            foreach (PresenceEntry entry in batch.Entries)
            {
                if (entry.UserId == userId && match?.Invoke(entry) != false)
                {
                    return entry;
                }
            }
        }
    }

    /// <summary>The next frame of a kind; others are skipped.</summary>
    public async Task<ServerFrame> ReceiveAsync(ServerFrame.FrameOneofCase kind)
    {
        ServerFrame frame;
        while ((frame = await ReceiveAsync()).FrameCase != kind)
        {
            if (frame.FrameCase == ServerFrame.FrameOneofCase.GoAway && kind != ServerFrame.FrameOneofCase.GoAway)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Waited for {kind}, was told {frame}."));
            }
        }

        return frame;
    }

    public async Task<ServerFrame> ReceiveAsync() =>
        await TryReceiveAsync() ?? throw new InvalidOperationException("The server closed the connection.");

    /// <summary>The next frame; null when the server has closed.</summary>
    public async Task<ServerFrame?> TryReceiveAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        return await TryReceiveAsync(patience.Token);
    }

    /// <inheritdoc cref="TryReceiveAsync()"/>
    public Task<ServerFrame?> TryReceiveAsync(CancellationToken cancel) => _webSocket is null ? ReadStreamAsync(cancel) : ReadMessageAsync(cancel);

    /// <summary>Ends this half: nothing more is sent, all is still read.</summary>
    public void EndSending() => _socket!.Shutdown(SocketShutdown.Send);

    /// <summary>RST instead of FIN.</summary>
    public void Reset()
    {
        _socket!.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        _socket?.Dispose();
        _webSocket?.Dispose();
    }

    private async Task<ServerFrame?> ReadStreamAsync(CancellationToken cancel)
    {
        while (true)
        {
            var bytes = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
            long before = bytes.Length;
            FrameReadResult result = FrameReader.TryRead(ref bytes, 1 << 20, out ReadOnlySequence<byte> payload, out _);
            if (result == FrameReadResult.Frame)
            {
                ServerFrame frame = ServerFrame.Parser.ParseFrom(payload);
                _start += (int)(before - bytes.Length);
                return frame;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            int read = await _stream!.ReadAsync(_buffer.AsMemory(_end), cancel);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    private async Task<ServerFrame?> ReadMessageAsync(CancellationToken cancel)
    {
        int length = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await _webSocket!.ReceiveAsync(_buffer.AsMemory(length), cancel);
            length += result.Count;
        }
        while (!result.EndOfMessage);
        return result.MessageType == WebSocketMessageType.Close ? null : ServerFrame.Parser.ParseFrom(_buffer, 0, length);
    }
}
