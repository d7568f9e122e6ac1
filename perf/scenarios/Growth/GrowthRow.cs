namespace Presence.Scenarios.Growth;

/// <summary>What one size of the work came to.</summary>
/// <param name="Size">As the reader of the results calls it.</param>
/// <param name="Costs">For a unit of the work, in the order of the table's columns: what must not grow.</param>
/// <param name="Shown">What else there is to know, in the order of the table's columns.</param>
/// <param name="Reason">Why the costs of this size are not flat, where that is known; shown only when they are not.</param>
internal sealed record GrowthRow(string Size, IReadOnlyList<double> Costs, IReadOnlyList<string> Shown, string? Reason = null);
