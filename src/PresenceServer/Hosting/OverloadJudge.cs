using Presence.Engine;
using Presence.Server.Configuration;

namespace Presence.Server.Hosting;

/// <summary>
/// Which step of overload the node is in, from a look a second: one step up for every two looks in a row that found too much, one down for every ten that found half of that
/// or less. In between it stays for a minute, as what helps must not be taken back because it helps, and then tries one less: a node whose usual load is there would else never take up again what a peak took. Pure.
/// </summary>
internal sealed class OverloadJudge(OverloadConfiguration limits)
{
    private const int LooksUp = 2;
    private const int LooksDown = 10;
    private const int LooksToTry = 60;

    // Of the limits.
    private const double Calm = 0.5;

    private int _above;
    private int _below;
    private int _within;

    public OverloadStep Step { get; private set; }

    /// <returns>True when the step is another.</returns>
    public bool Look(NodeLoad now)
    {
        double load = Math.Max(now.Lag / limits.LoopLag, now.Cpu / limits.Cpu);
        _above = load > 1 ? _above + 1 : 0;
        _below = load <= Calm ? _below + 1 : 0;
        _within = load <= 1 ? _within + 1 : 0;
        if (_above == LooksUp && Step < OverloadStep.NewSessions)
        {
            (_above, Step) = (0, Step + 1);
            return true;
        }

        if ((_below == LooksDown || _within == LooksToTry) && Step > OverloadStep.None)
        {
            (_below, _within, Step) = (0, 0, Step - 1);
            return true;
        }

        // Nothing to add up at either end.
        (_above, _below, _within) = (Math.Min(_above, LooksUp - 1), Math.Min(_below, LooksDown - 1), Math.Min(_within, LooksToTry - 1));
        return false;
    }
}
