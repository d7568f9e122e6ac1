using Presence.Protocol;

namespace Presence.Client.Connections;

/// <summary>What to do after an <see cref="Ending"/>: stay away, or come back after a while.</summary>
internal sealed class ReconnectPolicy(Random random)
{
    private readonly BackOff _backOff = new(random);

    /// <summary>How long to stay away; null: for ever.</summary>
    /// <param name="ending">Why the last connection ended.</param>
    /// <param name="lived">How long it was live; zero when it never was.</param>
    /// <param name="interval">d: the longest wait, and the life after which an earlier failure no longer counts.</param>
    public TimeSpan? ComeBackAfter(Ending ending, TimeSpan lived, TimeSpan interval)
    {
        if (!ComesBack(ending))
        {
            return null;
        }
        if (lived >= interval)
        {
            // Not at Welcome: a server that welcomes and fails at once must see the back-off too.
            _backOff.Reset();
        }
        return ending.ReconnectAfter ?? _backOff.Next(interval);
    }

    private static bool ComesBack(Ending ending) => ending.Code == V1.CloseCode.Unspecified || CloseCodes.ComesBack(ending.Code);
}
