namespace Presence.Server.Storage;

/// <summary>The end of a checkpoint, and what it says about the whole.</summary>
/// <param name="Records">How many entries the file holds.</param>
/// <param name="MaxVersion">The highest version the server had seen, whether or not its record is in the file.</param>
/// <param name="WatermarkMs">Unix milliseconds at which the checkpoint was complete.</param>
internal readonly record struct CheckpointFooter(ulong Records, ulong MaxVersion, long WatermarkMs);
