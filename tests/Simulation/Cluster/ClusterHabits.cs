namespace Presence.Simulation;

/// <summary>What a client does beside keeping to the rules: some only look in, some leave for good, some only stay from some moment on.</summary>
internal sealed class ClusterHabits
{
    private const double StaysCalm = 0.5;
    private const long LooksInForMs = 6_000;

    private readonly Chance _chance;
    private readonly bool _looksIn;
    private long _leavesForGoodMs;
    private long _actsUntilMs;

    public ClusterHabits(ClusterSettings settings, Chance chance)
    {
        _chance = chance;
        _leavesForGoodMs = chance.Hits(settings.StayAway) ? chance.Between(settings.LengthMs / 6, settings.LengthMs) : long.MaxValue;
        _actsUntilMs = chance.Hits(StaysCalm) ? chance.Between(settings.LengthMs / 6, settings.LengthMs) : long.MaxValue;
        _looksIn = chance.Hits(settings.LookIn);
    }

    /// <summary>It has lost its connection since it left for good.</summary>
    public bool HasLeft { get; private set; }

    public bool ActsAt(long ms) => ms < _actsUntilMs;

    /// <summary>It does not come back once its connection is over.</summary>
    public void LeaveForGood(long nowMs) => _leavesForGoodMs = nowMs;

    public void StayCalm(long nowMs) => _actsUntilMs = nowMs;

    /// <summary>It has no connection any more.</summary>
    public void IsAway(long nowMs) => HasLeft |= nowMs >= _leavesForGoodMs;

    /// <summary>How long it stays, now that it is there; null: it does not know.</summary>
    public long? StaysFor(long nowMs) => _looksIn && ActsAt(nowMs) ? _chance.Between(LooksInForMs / 10, LooksInForMs) : null;
}
