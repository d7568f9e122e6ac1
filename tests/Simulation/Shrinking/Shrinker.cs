namespace Presence.Simulation;

/// <summary>
/// Makes a plan that breaks a promise as small as it gets: less time, fewer faults, fewer actors, as long as the same promise is broken. Everybody has chance of
/// their own, so those who stay do mostly what they did.
/// </summary>
internal sealed class Shrinker
{
    private readonly int _mostTries;
    private int _tries;

    /// <param name="bad">What broke a promise.</param>
    /// <param name="mostTries">Runs it may take.</param>
    public Shrinker(Trial bad, int mostTries = 300) => (Smallest, _mostTries) = (bad, mostTries);

    public Trial Smallest { get; private set; }

    public Trial Run()
    {
        int before;
        do
        {
            before = SizeOf(Smallest.Plan);
            DropTime();
            DropFrom(plan => plan.Faults, (plan, faults) => plan with { Faults = faults });
            DropFrom(plan => plan.Actors, (plan, actors) => plan with { Actors = actors });
        }
        while (SizeOf(Smallest.Plan) < before && _tries < _mostTries);

        return Smallest;
    }

    private static int SizeOf(Plan plan) => plan.Actors.Count + plan.Faults.Count;

    // What was broken before the end of the time needs no more; else half of it may do.
    private void DropTime()
    {
        long length = Smallest.Plan.Settings.LengthMs;
        if (Smallest.AtMs < length)
        {
            _ = Breaks(WithLength(Smallest.AtMs + 1));
        }

        while (length > 1_000 && Breaks(WithLength(length / 2)))
        {
            length /= 2;
        }
    }

    private Plan WithLength(long ms) => Smallest.Plan with { Settings = Smallest.Plan.Settings with { LengthMs = ms } };

    // Halves first, then ever smaller parts.
    private void DropFrom<T>(Func<Plan, IReadOnlyList<T>> of, Func<Plan, T[], Plan> with)
    {
        for (int part = Math.Max(1, of(Smallest.Plan).Count / 2); part >= 1 && _tries < _mostTries; part /= 2)
        {
            for (int from = 0; from < of(Smallest.Plan).Count && _tries < _mostTries;)
            {
                IReadOnlyList<T> all = of(Smallest.Plan);
                T[] rest = [.. all.Take(from), .. all.Skip(from + part)];
                if (!Breaks(with(Smallest.Plan, rest)))
                {
                    from += part;
                }
            }
        }
    }

    private bool Breaks(Plan plan)
    {
        _tries++;
        Trial trial = Trial.Of(plan);
        bool breaks = trial.Promise == Smallest.Promise;
        Smallest = breaks ? trial : Smallest;
        return breaks;
    }
}
