namespace Presence.LoadClient.Connections;

/// <summary>The owner of a socket on the event loop.</summary>
internal interface IPolled : IDisposable
{
    /// <summary>The socket is ready for something.</summary>
    void OnReady(Readiness readiness);
}
