namespace Presence.Server.Transport.Epoll;

/// <summary>The error numbers of Linux that the transport tells apart; the same on every processor the runtime knows.</summary>
internal static class ErrorNumber
{
    public const int NotPermitted = 1;
    public const int WouldBlock = 11;
    public const int NoMemory = 12;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int ProtocolError = 71;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
}
