using System.Text.RegularExpressions;
using System.Xml.Linq;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Html;
using Presence.LoadClient.Series;
using Xunit;

namespace Presence.LoadClient.Tests.Reports;

public sealed partial class HtmlReportTests
{
    private static readonly Sample[] s_samples =
    [
        .. Enumerable.Range(0, 20).Select(static n => new Sample
        {
            Seconds = n,
            Phase = n < 5 ? "ramp" : "measure",
            SessionsUp = n * 100,
            HeartbeatsPerSecond = n,
            ChangesPerSecond = n,
            P50Ms = n == 10 ? 1 : null,
            P99Ms = n > 5 ? 30 : null,
            ServerRssBytes = 500L << 20,
            ServerCores = 0.5,
            GeneratorCores = 0.1,
        }),
    ];

    [Fact]
    public void The_page_needs_no_other_file()
    {
        string page = HtmlReport.Render(new TestReport(s_samples));
        Assert.DoesNotMatch(Reference(), page.Replace("xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_chart_is_drawn_with_ids_of_its_own()
    {
        string page = HtmlReport.Render(new TestReport(s_samples));
        string[] ids = [.. Id().Matches(page).Select(static match => match.Groups[1].Value)];
        Assert.Equal(ids.Distinct(), ids);
        // Each is a document that a browser can draw.
        string[] drawings = [.. Drawing().Matches(page).Select(static match => match.Value)];
        Assert.Equal(8, drawings.Length);
        Assert.All(drawings, static drawing => Assert.NotEmpty(XElement.Parse(drawing).Descendants()));
    }

    [Fact]
    public void What_came_from_outside_is_text()
    {
        string page = HtmlReport.Render(new TestReport(s_samples));
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_measured_nothing_says_so()
    {
        string page = HtmlReport.Render(new TestReport([]));
        Assert.Contains("nothing was measured", page, StringComparison.Ordinal);
        Assert.Contains("none in this run", page, StringComparison.Ordinal);
        Assert.Contains("the server is not on this machine", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_with_a_budget_says_whether_it_is_met()
    {
        string page = HtmlReport.Render(new TestReport(s_samples));
        Assert.Contains("""<td>1.2<small class="met">≤ 1.6 met</small></td>""", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains("""<td>15<small class="missed">≤ 14 missed</small></td>""", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    [GeneratedRegex("""https?://|src=|href=|@import|<link""")]
    private static partial Regex Reference();

    [GeneratedRegex(" id=\"([^\"]+)\"")]
    private static partial Regex Id();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Drawing();

    private sealed record TestReport : RunReport
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public TestReport(IReadOnlyList<Sample> samples)
            : base("test", "from here to there")
        {
            Run = new RunInfo("LoadClient <script>", "127.0.0.1:7001", ServerVersion: null, "1.0", "a machine", DateTimeOffset.UnixEpoch);
            Seed = 1;
            Seconds = 20;
            var latencies = new Latencies();
            foreach (Sample sample in samples)
            {
                latencies.Add(TimeSpan.FromSeconds(sample.Seconds));
            }

            LatencyMs = latencies.Summarize();
            LatencyPercentiles = latencies.Percentiles();
            Series = samples;
        }

        public override IEnumerable<SummaryRow> Rows() =>
        [
            SummaryRow.OfLatency("latency ms", LatencyMs),
            SummaryRow.Of("cores", $"{1.2}").Within($"≤ {1.6}", isMet: true),
            SummaryRow.Of("GiB", $"{15}").Within($"≤ {14}", isMet: false),
        ];

        protected override IEnumerable<string> FindWrong() => [];
    }
}
