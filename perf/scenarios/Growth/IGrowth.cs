using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary>One way in which the work can grow.</summary>
internal interface IGrowth
{
    /// <summary>By which it is run alone.</summary>
    string Name { get; }

    /// <summary>Of its part of the results.</summary>
    string Heading { get; }

    /// <returns>Its part of the results, and whether all that was seen in its runs was right.</returns>
    (string Body, bool IsRight) Measure(Provenance provenance);
}
