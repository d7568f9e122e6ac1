namespace Presence.Server.Storage;

/// <summary>Another process holds the data directory.</summary>
public sealed class DataDirectoryInUseException(string path, Exception cause) : DataDirectoryException(
    $"The data directory '{path}' is in use by another process. Stop that server, or give this one a directory of its own (Presence:DataDirectory).", cause)
{
    public override int ExitCode => 3;
}
