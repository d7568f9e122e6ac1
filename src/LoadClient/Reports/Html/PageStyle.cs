namespace Presence.LoadClient.Reports.Html;

/// <summary>How the page looks: two charts beside each other where there is room, one below the other elsewhere and on paper.</summary>
internal static class PageStyle
{
    public const string Css = """

        body { margin: 0; background: #f9fafb; color: #111827; font: 15px/1.45 system-ui, sans-serif; }
        main { max-width: 1480px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 24px; margin: 0 0 12px; }
        h1 b { font-size: 14px; color: #fff; border-radius: 999px; padding: 3px 12px; vertical-align: middle; }
        .right { background: #059669; }
        .wrong { background: #dc2626; }
        h2 { font-size: 16px; margin: 0; }
        pre { background: #111827; color: #f9fafb; padding: 10px 14px; border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
        .faults { background: #fef2f2; border: 1px solid #fecaca; border-radius: 8px; padding: 10px 30px; }
        section { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(560px, 100%), 1fr)); gap: 16px; margin: 16px 0; }
        section > * { background: #fff; border: 1px solid #e5e7eb; border-radius: 8px; padding: 14px 16px; margin: 0; min-width: 0; }
        section > * { break-inside: avoid; }
        table { border-collapse: collapse; width: 100%; margin-top: 6px; }
        th, td { text-align: left; font-weight: normal; vertical-align: top; padding: 4px 12px 4px 0; border-top: 1px solid #f3f4f6; }
        td { overflow-wrap: anywhere; }
        th { color: #6b7280; min-width: 9em; }
        .tables > div:first-child td { text-align: right; padding-right: 0; white-space: nowrap; font-variant-numeric: tabular-nums; }
        figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 18px; margin-bottom: 6px; }
        figcaption h2 { margin-right: auto; }
        figcaption span { color: #374151; font-size: 13px; }
        figcaption i { display: inline-block; width: 18px; height: 3px; margin-right: 6px; vertical-align: middle; }
        svg { display: block; width: 100%; height: auto; }

        """;
}
