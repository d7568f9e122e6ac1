namespace Presence.LoadClient.Reports.Html;

/// <summary>How the page looks: two charts beside each other where there is room, one below the other elsewhere and on paper.</summary>
internal static class PageStyle
{
    public const string Css = """

        :root { --page: #f9fafb; --card: #fff; --edge: #e5e7eb; --row: #f3f4f6; --text: #111827; --soft: #4b5563; --code: #111827;
          --fault: #fef2f2; --fault-edge: #fecaca; --met: #047857; --missed: #b91c1c; color-scheme: light dark; }
        body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
        main { max-width: 1480px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 24px; margin: 0 0 12px; }
        h1 b { font-size: 14px; color: #fff; border-radius: 999px; padding: 3px 12px; vertical-align: middle; }
        .right { background: #059669; }
        .wrong { background: #dc2626; }
        h2 { font-size: 16px; margin: 0; }
        pre { background: var(--code); color: #f9fafb; padding: 10px 14px; border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
        .faults { background: var(--fault); border: 1px solid var(--fault-edge); border-radius: 8px; padding: 10px 30px; }
        section { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(560px, 100%), 1fr)); gap: 16px; margin: 16px 0; }
        section > * { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 14px 16px; margin: 0; min-width: 0; }
        section > * { break-inside: avoid; }
        table { border-collapse: collapse; width: 100%; margin-top: 6px; }
        th, td { text-align: left; font-weight: normal; vertical-align: top; padding: 4px 12px 4px 0; border-top: 1px solid var(--row); }
        td { overflow-wrap: anywhere; }
        th { color: var(--soft); min-width: 9em; }
        .tables > div:first-child td { text-align: right; padding-right: 0; white-space: nowrap; font-variant-numeric: tabular-nums; }
        figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 18px; margin-bottom: 6px; }
        figcaption h2 { margin-right: auto; }
        figcaption span { color: var(--soft); font-size: 13px; }
        figcaption i { display: inline-block; width: 18px; height: 3px; margin-right: 6px; vertical-align: middle; }
        small { margin-left: 10px; font-size: 12px; }
        .met { color: var(--met); }
        .missed { color: var(--missed); font-weight: bold; }
        svg { display: block; width: 100%; height: auto; color: var(--soft); }
        @media (max-width: 640px) {
          main { padding: 12px; }
          th { min-width: 0; }
          .tables > div:first-child td { white-space: normal; overflow-wrap: break-word; }
        }
        @media (prefers-color-scheme: dark) {
          :root { --page: #0b1120; --card: #111827; --edge: #1f2937; --row: #1f2937; --text: #e5e7eb; --soft: #9ca3af; --code: #1f2937;
            --fault: #450a0a; --fault-edge: #7f1d1d; --met: #34d399; --missed: #f87171; }
          /* The colours that charts are drawn in: grid, bands, frame, lines. */
          svg [stroke="#E5E7EB"] { stroke: #263244; }
          svg [fill="#F3F4F6"] { fill: #182234; }
          svg [stroke="#2563EB"] { stroke: #60a5fa; }
          svg [stroke="#EA580C"] { stroke: #fb923c; }
          figcaption i { filter: brightness(1.35); }
        }

        """;
}
