using System.Security.Cryptography;
using System.Text;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Presence.Server.Transport.WebSockets;

namespace Presence.Fuzz.Targets;

/// <summary>
/// The request that asks for a WebSocket. What a part of it decides the whole decides too; what is accepted asks for a WebSocket in the plainest
/// reading, and gets the answer to its key.
/// </summary>
internal static class Upgrades
{
    // All places of a short request, some of a long one.
    private const int MostParts = 64;

    private static readonly BrowserOrigins _origins = new(new PresenceConfiguration { Http = new HttpConfiguration { AllowedOrigins = ["https://a"] } });

    public static Target Target { get; } = new("upgrade", Judge, Seeds, Words(), MaxBytes: UpgradeRequest.MaxBytes + 64);

    private static bool Judge(byte[] input)
    {
        UpgradeVerdict whole = UpgradeRequest.Judge(input, _origins);
        int step = 1 + (input.Length / MostParts);
        for (int length = 0; length < input.Length; length += step)
        {
            UpgradeVerdict part = UpgradeRequest.Judge(input.AsSpan(0, length), _origins);
            Oracle.Holds(part == default || part == whole, "a part of a request is judged otherwise than the whole");
        }

        Oracle.Holds(whole.Refusal is null || whole.Accept is null, "a request is accepted and refused");
        Oracle.Holds(whole != default || input.Length < UpgradeRequest.MaxBytes, "a request may go on for ever");
        if (whole.Accept is null)
        {
            return false;
        }

        CheckAccepted(input, whole);
        return true;
    }

    private static void CheckAccepted(byte[] input, in UpgradeVerdict verdict)
    {
        string head = Encoding.Latin1.GetString(input.AsSpan(0, verdict.Bytes));
        Oracle.Holds(head.IndexOf("\r\n\r\n", StringComparison.Ordinal) == head.Length - 4, "what is behind the request is taken for a part of it");
        string[] lines = head[..^4].Split("\r\n");
        Oracle.Holds(lines[0].StartsWith("GET ", StringComparison.Ordinal) && lines[0].EndsWith(" HTTP/1.1", StringComparison.Ordinal), "the request is no GET of HTTP/1.1");
        Oracle.Holds(lines.Skip(1).All(static line => line.IndexOf(':') > 0), "a line is no header");
        Oracle.Holds(All(lines, "host").Length == 1, "there is not one Host");
        Oracle.Holds(All(lines, "origin") is [] or ["https://a"], "a page of another origin is let in");
        Oracle.Holds(All(lines, "sec-websocket-version") is ["13"], "the version is not 13");
        Oracle.Holds(Names(lines, "connection").Contains("upgrade", StringComparer.OrdinalIgnoreCase), "nobody asked for an upgrade");
        Oracle.Holds(Names(lines, "upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase), "nobody asked for a WebSocket");
        Oracle.Holds(Names(lines, "sec-websocket-protocol").Contains("presence.v1", StringComparer.Ordinal), "nobody asked for the subprotocol");
        Oracle.Holds(All(lines, "transfer-encoding").Length == 0, "a request with a body is accepted");
        Oracle.Holds(All(lines, "sec-websocket-key") is [var key] && verdict.Accept == Accept(key), "the answer does not fit the key");
    }

    private static string[] All(string[] lines, string name) =>
    [
        .. lines.Skip(1).Where(line => line[..line.IndexOf(':')].Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static line => line[(line.IndexOf(':') + 1)..].Trim(' ', '\t')),
    ];

    private static IEnumerable<string> Names(string[] lines, string name) => All(lines, name).SelectMany(static value => value.Split(',')).Select(static one => one.Trim(' ', '\t'));

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The WebSocket handshake is made of SHA-1 (RFC 6455).")]
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.Latin1.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private static IEnumerable<byte[]> Seeds()
    {
        const string Good = "GET /v1/connect HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: other, presence.v1\r\n\r\n";
        string[] requests =
        [
            Good, Good.Replace("/v1/connect", "http://a/%761/Connect/?q=1", StringComparison.Ordinal), Good.Replace("\r\n\r\n", "\r\nContent-Length: 0\r\nOrigin: https://a\r\n\r\n\u0082", StringComparison.Ordinal),
            Good.Replace("GET", "POST", StringComparison.Ordinal), Good.Replace("13", "8", StringComparison.Ordinal), Good.Replace("Host", "Host: b\r\nHost", StringComparison.Ordinal), Good[..^2], Good.Replace("\r\n\r\n", "\r\nOrigin: https://b\r\n\r\n", StringComparison.Ordinal), "\u0016\u0003\u0001",
            Good.Replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n", StringComparison.Ordinal), $"GET /{new string('a', UpgradeRequest.MaxBytes)}",
        ];
        return requests.Select(Encoding.Latin1.GetBytes);
    }

    private static byte[][] Words() =>
    [
        "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), ": "u8.ToArray(), ","u8.ToArray(), "Host: a\r\n"u8.ToArray(), "Upgrade: websocket\r\n"u8.ToArray(), "Connection: upgrade\r\n"u8.ToArray(), "Sec-WebSocket-Key: "u8.ToArray(),
        "Content-Length: 0\r\n"u8.ToArray(), "Transfer-Encoding: a\r\n"u8.ToArray(), "Origin: https://a\r\n"u8.ToArray(), "://"u8.ToArray(), "%2F"u8.ToArray(), "%76"u8.ToArray(), "%"u8.ToArray(), "/v1/connect"u8.ToArray(), "?"u8.ToArray(), "\t"u8.ToArray(), " "u8.ToArray(),
    ];
}
