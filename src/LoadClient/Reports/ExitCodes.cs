namespace Presence.LoadClient.Reports;

/// <summary>What scripts rely on.</summary>
internal static class ExitCodes
{
    public const int Right = 0;

    /// <summary>The run ended, and something in it was not as it must be.</summary>
    public const int Wrong = 1;

    /// <summary>The command line, the key or this machine does not allow the run.</summary>
    public const int Usage = 2;
}
