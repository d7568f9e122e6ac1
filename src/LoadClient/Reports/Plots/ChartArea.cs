using ScottPlot;

namespace Presence.LoadClient.Reports.Plots;

/// <summary>Where things lie in a chart, in the units of its view box.</summary>
internal static class ChartArea
{
    public const int Width = 720;
    public const int Height = 300;
    public const int Left = 72;
    public const int Right = 28;
    public const int Top = 24;
    public const int Bottom = 48;

    public static PixelPadding Padding { get; } = new(Left, Right, Bottom, Top);

    public static double XOf(AxisScale scale, double position) =>
        Left + ((position - scale.From) / (scale.To - scale.From) * (Width - Left - Right));

    public static double YOf(AxisScale scale, double position) =>
        Height - Bottom - ((position - scale.From) / (scale.To - scale.From) * (Height - Top - Bottom));
}
