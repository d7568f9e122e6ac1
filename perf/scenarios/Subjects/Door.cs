namespace Presence.Scenarios.Subjects;

/// <summary>A listener of the server; named as in <c>Presence:Listen</c>.</summary>
internal enum Door
{
    Tcp,
    Tls,

    /// <summary>WebSocket at <c>/v1/connect</c>.</summary>
    Http,
}
