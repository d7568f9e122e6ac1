namespace Presence.Scenarios.Results;

/// <summary>How a figure is judged.</summary>
/// <param name="Text">As design.md has it.</param>
/// <param name="IsMet">From our median and the median of the ratios.</param>
internal sealed record Budget(string Text, Func<double, double, bool> IsMet)
{
    /// <summary>Shown, and bound by nothing.</summary>
    public static Budget Shown { get; } = new("", static (_, _) => true);

    public static Budget AtLeast(double ratio, string aim = "") => new($"≥ {ratio} ×{aim}", (_, ours) => ours >= ratio);

    public static Budget AtMost(double ratio) => new($"≤ {ratio} ×", (_, ours) => ours <= ratio);

    public static Budget AtLeastOurs(double value, string text) => new(text, (ours, _) => ours >= value);

    public static Budget AtMostOurs(double value, string text) => new(text, (ours, _) => ours <= value);
}

/// <summary>One line of the table.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">Of both values.</param>
/// <param name="Limit">What it stands beside.</param>
/// <param name="Reason">What is known of why it misses its budget where it does; shown only then, with the profile.</param>
internal sealed record Line(string Name, string Unit, string Limit, Budget Budget, string? Reason = null);

/// <summary>One line measured once: both subjects in the same run.</summary>
/// <param name="Profile">Where our server's processor time went meanwhile; none for what is not of time.</param>
internal readonly record struct Figure(Line Line, double Ours, double Limit, string? Profile = null)
{
    public double Ratio => Ours / Limit;
}
