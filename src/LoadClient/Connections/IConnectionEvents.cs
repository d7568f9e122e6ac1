namespace Presence.LoadClient.Connections;

/// <summary>What a connection tells the one who opened it.</summary>
internal interface IConnectionEvents
{
    void OnConnected();

    /// <summary>One frame without its length; the bytes are gone after the call.</summary>
    void OnFrame(ReadOnlySpan<byte> payload);

    /// <summary>It is over, and was not closed by us.</summary>
    /// <param name="reason">In lower_snake, for counting.</param>
    void OnLost(string reason);
}
