namespace Presence.Server.Storage;

/// <summary>The server cannot start on this data directory. The message says what was found, what was expected and what to do.</summary>
public class DataDirectoryException : Exception
{
    public DataDirectoryException(string message)
        : base(message)
    {
    }

    public DataDirectoryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What the process exits with.</summary>
    public virtual int ExitCode => 2;
}
