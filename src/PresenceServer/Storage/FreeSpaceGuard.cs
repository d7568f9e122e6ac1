namespace Presence.Server.Storage;

/// <summary>Keeps a checkpoint from filling the disk: the journal and the logs live on it too.</summary>
internal static class FreeSpaceGuard
{
    /// <summary>What is left for everybody else.</summary>
    public const long ReserveBytes = 64 << 20;

    /// <exception cref="IOException">Less is free than the file and the reserve need.</exception>
    public static void Check(string directory, long bytes)
    {
        var free = new DriveInfo(directory).AvailableFreeSpace;
        if (free < bytes + ReserveBytes)
        {
            throw new IOException(
                $"a checkpoint needs {bytes:N0} bytes and a reserve of {ReserveBytes:N0}, and '{directory}' has {free:N0} bytes free; free some space");
        }
    }
}
