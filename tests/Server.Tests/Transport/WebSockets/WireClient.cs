using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Presence.Protocol;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>A WebSocket client byte by byte: it sends what a test wrote and reads what comes, with no opinion of its own.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly List<byte> _read = [];
    private readonly byte[] _buffer = new byte[65_536];
    private bool _wasReset;

    private WireClient(Socket socket) => _socket = socket;

    public static async Task<WireClient> ConnectAsync(IPEndPoint address, int receiveBuffer = 0)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(address);
        return new WireClient(socket);
    }

    /// <summary>Connected and upgraded.</summary>
    public static async Task<WireClient> UpgradeAsync(IPEndPoint address, int receiveBuffer = 0)
    {
        WireClient client = await ConnectAsync(address, receiveBuffer);
        await client.SendAsync(Request());
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Connected, upgraded and welcomed.</summary>
    public static async Task<WireClient> EnterAsync(ServerProcess server, ulong user, int receiveBuffer = 0)
    {
        WireClient client = await UpgradeAsync(server.WebSocket, receiveBuffer);
        await client.SendAsync(Hello(server, user));
        Assert.Equal("Welcome", await client.ReadAsync());
        return client;
    }

    /// <summary>A request for a WebSocket.</summary>
    /// <param name="change">Each "Name: value" takes the place of the header of that name, "Name:" leaves it out.</param>
    public static byte[] Request(string line = "GET /v1/connect HTTP/1.1", params string[] change)
    {
        string[] usual =
        [
            "Host: presence.example", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", $"Sec-WebSocket-Key: {Key}",
            $"Sec-WebSocket-Protocol: {ProtocolLimits.Subprotocol}",
        ];
        IEnumerable<string> kept = usual.Where(header => !change.Any(one => one.StartsWith(header[..(header.IndexOf(':') + 1)], StringComparison.Ordinal)));
        string[] headers = [.. kept, .. change.Where(static one => !one.EndsWith(':'))];
        return Encoding.Latin1.GetBytes($"{line}\r\n{string.Concat(headers.Select(static header => header + "\r\n"))}\r\n");
    }

    public static byte[] Hello(ServerProcess server, ulong user) => Wire.Message(new ClientFrame
    {
        Hello = new Hello { ProtocolVersion = 1, Token = TestTokens.For(server, user), DeviceId = $"wire-{user}", DeviceKind = DeviceKind.Web },
    });

    /// <param name="chop">Bytes at a time; 0 for all at once.</param>
    public async Task SendAsync(byte[] bytes, int chop = 0)
    {
        using var patience = new CancellationTokenSource(s_patience);
        foreach (byte[] piece in chop == 0 ? [bytes] : bytes.Chunk(chop))
        {
            for (int sent = 0; sent < piece.Length;)
            {
                sent += await _socket.SendAsync(piece.AsMemory(sent), patience.Token);
            }
        }
    }

    /// <summary>The head of an HTTP answer.</summary>
    public async Task<string> ReadHeadAsync()
    {
        while (true)
        {
            string text = Encoding.Latin1.GetString([.. _read]);
            int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _read.RemoveRange(0, end + 4);
                return text[..(end + 4)];
            }

            Assert.True(await MoreAsync(), $"The server closed after '{text}'.");
        }
    }

    /// <summary>All that comes until the server closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await MoreAsync())
        {
        }

        return Encoding.UTF8.GetString([.. _read]);
    }

    /// <summary>
    /// The next WebSocket frame, as a test names it: the kind of the protocol's frame, "Ping text", "Pong text", "Close 1000", "Close", or, when the
    /// server has closed, "end" or "reset".
    /// </summary>
    public async Task<string> ReadAsync()
    {
        if (!await HaveAsync(2))
        {
            Assert.Empty(_read);
            return _wasReset ? "reset" : "end";
        }

        // A server does not mask, and ours neither fragments nor uses extensions.
        Assert.Equal(0x80, _read[0] & 0xF0);
        (int header, long length) = _read[1] switch
        {
            <= 125 => (2, _read[1]),
            126 when await HaveAsync(4) => (4, BinaryPrimitives.ReadUInt16BigEndian(Span(2, 2))),
            127 when await HaveAsync(10) => (10, BinaryPrimitives.ReadInt64BigEndian(Span(2, 8))),
            _ => throw new InvalidOperationException("The frame is masked or cut off."),
        };
        Assert.True(await HaveAsync(header + (int)length), "The frame is cut off.");
        int opcode = _read[0] & 0x0F;
        byte[] payload = [.. Span(header, (int)length)];
        _read.RemoveRange(0, header + payload.Length);
        return Name(opcode, payload);
    }

    public async Task ExpectAsync(params string[] names)
    {
        foreach (string name in names)
        {
            Assert.Equal(name, await ReadAsync());
        }
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>RST instead of FIN.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }

    private static string Name(int opcode, byte[] payload) => opcode switch
    {
        Wire.Binary => Name(ServerFrame.Parser.ParseFrom(payload)),
        Wire.Closing => payload.Length == 0 ? "Close" : $"Close {BinaryPrimitives.ReadUInt16BigEndian(payload)}",
        Wire.Pinging => $"Ping {Encoding.Latin1.GetString(payload)}",
        Wire.Ponging => $"Pong {Encoding.Latin1.GetString(payload)}",
        _ => $"opcode {opcode}",
    };

    private static string Name(ServerFrame frame) => frame.FrameCase switch
    {
        ServerFrame.FrameOneofCase.Error => $"Error {frame.Error.Code}",
        ServerFrame.FrameOneofCase.GoAway => $"GoAway {frame.GoAway.CloseCode}",
        _ => frame.FrameCase.ToString(),
    };

    private ReadOnlySpan<byte> Span(int start, int length) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_read).Slice(start, length);

    private async Task<bool> HaveAsync(int bytes)
    {
        while (_read.Count < bytes)
        {
            if (!await MoreAsync())
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> MoreAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            int read = await _socket.ReceiveAsync(_buffer, patience.Token);
            _read.AddRange(_buffer.AsSpan(0, read));
            return read > 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            _wasReset = true;
            return false;
        }
    }
}
