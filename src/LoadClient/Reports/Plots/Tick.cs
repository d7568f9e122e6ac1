namespace Presence.LoadClient.Reports.Plots;

/// <summary>A mark of an axis.</summary>
/// <param name="Position">Along the axis, as <see cref="AxisScale.Position"/> has it.</param>
internal readonly record struct Tick(double Position, string Label);
