namespace Presence.Ctl;

internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>What was asked for is not there, or could not be done.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;
}
