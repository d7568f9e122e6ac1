namespace Presence.Fuzz;

/// <summary>
/// Code that reads what others wrote, with an oracle around it. Gives the input to the code, holds what comes out against what must be true of it,
/// and says whether the code took the input. Bad input is refused without an exception: one that comes out of here is a finding.
/// </summary>
/// <param name="input">Any bytes.</param>
/// <returns>True when something of the input was accepted.</returns>
internal delegate bool Judgement(byte[] input);

/// <summary>What is fuzzed.</summary>
/// <param name="Name">On the command line, and of the folder of its corpus.</param>
/// <param name="Judge">Runs one input.</param>
/// <param name="Seeds">Good inputs to begin with.</param>
/// <param name="Words">Byte strings that mean something to the code: mutations put them in.</param>
/// <param name="MaxBytes">Of an input: longer ones add time and nothing else.</param>
internal sealed record Target(string Name, Judgement Judge, Func<IEnumerable<byte[]>> Seeds, IReadOnlyList<byte[]> Words, int MaxBytes = 4_096);
