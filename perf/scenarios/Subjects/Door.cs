namespace Presence.Scenarios.Subjects;

/// <summary>A listener of the server; named as in <c>Presence:Listen</c>.</summary>
internal enum Door
{
    Tcp,
    Tls,

    /// <summary>WebSocket on the listener that is for nothing else.</summary>
    WebSocket,

    /// <summary>The framework's WebSocket at <c>/v1/connect</c>.</summary>
    Http,
}
