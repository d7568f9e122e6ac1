namespace Presence.Simulation;

/// <summary>A mistake that the engine or the journal could have, as a change of its source. It is made in a copy, never in what is shipped.</summary>
/// <param name="Name">How it is called.</param>
/// <param name="Meaning">What is wrong then.</param>
/// <param name="Edits">What is put where: file below <c>src</c>, what stands there exactly once, what it becomes.</param>
internal sealed record PlantedBug(string Name, string Meaning, params IReadOnlyList<(string File, string From, string To)> Edits);
