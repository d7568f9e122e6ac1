namespace Presence.LoadClient.Connections;

/// <summary>In what a connection differs from that of a client that means well.</summary>
[Flags]
internal enum ConnectionManners
{
    None = 0,

    /// <summary>What has arrived is handed on as it came, not cut into frames.</summary>
    Raw = 1,

    /// <summary>Nothing is read: it hears only that the connection is gone.</summary>
    Deaf = 2,
}
