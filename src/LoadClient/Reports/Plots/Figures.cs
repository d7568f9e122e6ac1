using System.Globalization;

namespace Presence.LoadClient.Reports.Plots;

/// <summary>Figures as they are written beside an axis.</summary>
internal static class Figures
{
    /// <summary>Three digits that count, thousands as K, M and G.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Exact(value / 1e9) + " G",
        >= 1e6 => Exact(value / 1e6) + " M",
        >= 1e4 => Exact(value / 1e3) + " K",
        _ => Exact(value),
    };

    /// <summary>As many digits as it takes, and no more.</summary>
    public static string Exact(double value) => Math.Round(value, 9).ToString("#,0.#########", CultureInfo.InvariantCulture);
}
