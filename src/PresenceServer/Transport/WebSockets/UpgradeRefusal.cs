using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Presence.Protocol;
using Presence.Server.Http;

namespace Presence.Server.Transport.WebSockets;

/// <summary>The HTTP answer to a request that does not become a WebSocket: a problem document, and the end of the connection.</summary>
internal sealed class UpgradeRefusal
{
    public static readonly UpgradeRefusal NoRequest = new(
        StatusCodes.Status400BadRequest, "This is no HTTP/1.1 request. This address is for WebSocket, in the clear.");

    public static readonly UpgradeRefusal BadHeader = new(
        StatusCodes.Status400BadRequest, "A header is malformed, missing or there twice. Send one Host, Sec-WebSocket-Key and Sec-WebSocket-Version, each 'Name: value'.");

    public static readonly UpgradeRefusal WithBody = new(
        StatusCodes.Status400BadRequest, "A request that asks for WebSocket has no body. Leave out Content-Length and Transfer-Encoding.");

    public static readonly UpgradeRefusal BadKey = new(
        StatusCodes.Status400BadRequest, "Sec-WebSocket-Key is 16 random bytes in base64, 24 characters. Send a fresh one.");

    public static readonly UpgradeRefusal OtherProtocol = new(
        StatusCodes.Status400BadRequest, $"Ask for the subprotocol {ProtocolLimits.Subprotocol}.");

    public const string ForeignOriginDetail = "Pages of this origin may not use this server. Presence:Http:AllowedOrigins lists those that may.";

    public static readonly UpgradeRefusal ForeignOrigin = new(StatusCodes.Status403Forbidden, ForeignOriginDetail);

    public static readonly UpgradeRefusal NothingHere = new(
        StatusCodes.Status404NotFound, $"There is nothing at this address. WebSocket is at {WebSocketEndpoint.Path}; HTTP has a listener of its own.");

    public static readonly UpgradeRefusal OtherMethod = new(
        StatusCodes.Status405MethodNotAllowed, "A WebSocket is asked for with GET.", "Allow: GET");

    public static readonly UpgradeRefusal TooLate = new(
        StatusCodes.Status408RequestTimeout, "The request did not come whole in time. Send it at once.");

    public static readonly UpgradeRefusal NoUpgrade = new(
        StatusCodes.Status426UpgradeRequired, "This address is for WebSocket. Send 'Connection: Upgrade' and 'Upgrade: websocket'.", "Upgrade: websocket");

    public static readonly UpgradeRefusal OtherVersion = new(
        StatusCodes.Status426UpgradeRequired, "Of WebSocket only version 13 (RFC 6455) is known here.", "Upgrade: websocket\r\nSec-WebSocket-Version: 13");

    public static readonly UpgradeRefusal TooLong = new(
        StatusCodes.Status431RequestHeaderFieldsTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"The request is longer than {UpgradeRequest.MaxBytes} bytes. Send fewer headers."));

    private readonly byte[] _answer;

    private UpgradeRefusal(int status, string detail, string? header = null)
    {
        Status = status;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(Problem.OfStatus(status, detail).ToBody(), HttpJson.Wire.ProblemBody);
        string head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}
            Content-Type: {Problem.ContentType}
            Content-Length: {body.Length}
            Cache-Control: no-store
            X-Content-Type-Options: {SecurityHeaders.NoSniff}
            Connection: close

            """).ReplaceLineEndings("\r\n");
        _answer = [.. Encoding.ASCII.GetBytes(header is null ? $"{head}\r\n" : $"{head}{header}\r\n\r\n"), .. body];
    }

    public int Status { get; }

    public void Write(IBufferWriter<byte> output) => output.Write(_answer);
}
