namespace Presence.Server.Transport.WebSockets;

/// <summary>What a WebSocket frame is (RFC 6455 §5.2). A frame of WebSocket is a piece of a message; the protocol's own frame is a whole one.</summary>
internal enum Opcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}
