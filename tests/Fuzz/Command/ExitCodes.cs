namespace Presence.Fuzz;

internal static class ExitCodes
{
    public const int Nothing = 0;
    public const int Finding = 1;
    public const int Usage = 2;
}
