namespace Presence.Server.Hosting;

/// <summary>What the process exits with.</summary>
internal static class ExitCodes
{
    public const int Clean = 0;

    /// <summary>The configuration, or the data directory's content, cannot be started with.</summary>
    public const int BadConfiguration = 2;

    /// <summary>A port or the data directory is another process's.</summary>
    public const int InUse = 3;

    public const int Internal = 70;
}
