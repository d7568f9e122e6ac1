using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Presence.Protocol;
using Presence.Server.Security;

namespace Presence.Server.Transport.WebSockets;

/// <summary>The request that asks for a WebSocket (RFC 6455 §4.2.1), judged as a pure function of the bytes that have come.</summary>
internal static class UpgradeRequest
{
    /// <summary>Of the whole head. Half of what HTTP allows: cookies and tokens of a browser fit.</summary>
    public const int MaxBytes = 16_384;

    private const int KeyLength = 24;

    /// <summary>Judges what has come so far; bytes behind the request are not looked at.</summary>
    public static UpgradeVerdict Judge(ReadOnlySpan<byte> bytes, BrowserOrigins origins)
    {
        if (IsNone(bytes))
        {
            return new(UpgradeRefusal.NoRequest);
        }

        int end = EndOf(bytes);
        if (end < 0)
        {
            return bytes.Length < MaxBytes ? default : new(UpgradeRefusal.TooLong);
        }

        return JudgeHead(bytes[..end], end + 4, origins);
    }

    /// <summary>Whether <see cref="Judge"/> comes to an end of these bytes.</summary>
    public static bool Decides(ReadOnlySpan<byte> bytes) => IsNone(bytes) || EndOf(bytes) >= 0 || bytes.Length >= MaxBytes;

    /// <summary>The answer that makes the connection a WebSocket.</summary>
    public static void Accept(IBufferWriter<byte> output, string accept) => output.Write(Encoding.ASCII.GetBytes(
        $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n"
        + $"Sec-WebSocket-Protocol: {ProtocolLimits.Subprotocol}\r\n\r\n"));

    // Who speaks TLS or frames to the wrong port learns it at once.
    private static bool IsNone(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !char.IsAsciiLetterUpper((char)bytes[0]);

    private static int EndOf(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, MaxBytes)].IndexOf("\r\n\r\n"u8);

    private static UpgradeVerdict JudgeHead(ReadOnlySpan<byte> head, int bytes, BrowserOrigins origins)
    {
        ReadOnlySpan<byte> requestLine = NextLine(ref head);
        if (!TryReadRequestLine(requestLine, out ReadOnlySpan<byte> method, out ReadOnlySpan<byte> target))
        {
            return new(UpgradeRefusal.NoRequest);
        }

        var headers = new UpgradeHeaders();
        while (!head.IsEmpty)
        {
            if (!headers.TryAdd(NextLine(ref head)))
            {
                return new(UpgradeRefusal.BadHeader);
            }
        }

        UpgradeRefusal? refusal = !IsOurs(target) ? UpgradeRefusal.NothingHere
            : !method.SequenceEqual("GET"u8) ? UpgradeRefusal.OtherMethod
            : headers.Judge(origins);
        return refusal is null ? new(AcceptOf(headers.Key), bytes) : new(refusal);
    }

    private static ReadOnlySpan<byte> NextLine(scoped ref ReadOnlySpan<byte> head)
    {
        int end = head.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> line = end < 0 ? head : head[..end];
        head = end < 0 ? [] : head[(end + 2)..];
        return line;
    }

    private static bool TryReadRequestLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> method, out ReadOnlySpan<byte> target)
    {
        method = target = default;
        int first = line.IndexOf((byte)' '), last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last == first || !line[(last + 1)..].SequenceEqual("HTTP/1.1"u8))
        {
            return false;
        }

        method = line[..first];
        target = line[(first + 1)..last];
        return true;
    }

    // As the HTTP listener routes: whatever the query, however the letters are written, with a slash behind or not.
    private static bool IsOurs(ReadOnlySpan<byte> target)
    {
        ReadOnlySpan<byte> path = PathOf(target);
        int query = path.IndexOf((byte)'?');
        path = query < 0 ? path : path[..query];
        path = path.Length > 1 && path[^1] == '/' ? path[..^1] : path;
        return Ascii.EqualsIgnoreCase(path, WebSocketEndpoint.Path)
            || (path.Contains((byte)'%') && IsOursUnescaped(Encoding.Latin1.GetString(path)));
    }

    // An escaped slash is part of a name and separates none.
    private static bool IsOursUnescaped(string path) =>
        !path.Contains("%2F", StringComparison.OrdinalIgnoreCase)
        && Uri.UnescapeDataString(path).Equals(WebSocketEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    // A target may be a whole address (RFC 9112 §3.2.2): as to a proxy.
    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        int scheme = target.IndexOf("://"u8);
        if (scheme < 0 || !(Ascii.EqualsIgnoreCase(target[..scheme], "http"u8) || Ascii.EqualsIgnoreCase(target[..scheme], "https"u8)))
        {
            return target;
        }

        ReadOnlySpan<byte> rest = target[(scheme + 3)..];
        int slash = rest.IndexOf((byte)'/');
        return slash <= 0 ? [] : rest[slash..];
    }

    [SuppressMessage("Security", "CA5350", Justification = "The WebSocket handshake is made of SHA-1 (RFC 6455).")]
    private static string AcceptOf(ReadOnlySpan<byte> key)
    {
        ReadOnlySpan<byte> guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;
        Span<byte> input = stackalloc byte[KeyLength + guid.Length];
        key.CopyTo(input);
        guid.CopyTo(input[KeyLength..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(input, hash);
        return Convert.ToBase64String(hash);
    }
}

/// <summary>What a request comes to. The default: it is not whole yet.</summary>
/// <param name="Refusal">Why it is not served.</param>
/// <param name="Accept">The value of Sec-WebSocket-Accept when it is.</param>
/// <param name="Bytes">Of the request; what is behind them belongs to the WebSocket.</param>
internal readonly record struct UpgradeVerdict(UpgradeRefusal? Refusal, string? Accept, int Bytes)
{
    public UpgradeVerdict(UpgradeRefusal refusal)
        : this(refusal, null, 0)
    {
    }

    public UpgradeVerdict(string accept, int bytes)
        : this(null, accept, bytes)
    {
    }
}
