using Presence.Scenarios.Results;

namespace Presence.Scenarios.Rows;

/// <summary>One thing that is measured, at our server and at what it stands beside, one after the other.</summary>
internal interface IRow
{
    /// <summary>By which it is run alone.</summary>
    string Name { get; }

    /// <summary>What was done, in a sentence or two for the reader of the results.</summary>
    string Method { get; }

    IReadOnlyList<Figure> Measure();
}
