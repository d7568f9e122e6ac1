namespace Presence.Simulation;

/// <summary>A promise of design §3 was broken, or something that every run must keep.</summary>
internal sealed class ViolationException(string promise, string what) : Exception($"{promise}: {what}")
{
    /// <summary>P1 … P9, or the name of the rule.</summary>
    public string Promise { get; } = promise;
}
