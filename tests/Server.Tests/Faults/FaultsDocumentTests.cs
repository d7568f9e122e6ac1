using System.Text.RegularExpressions;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>docs/faults.md and docs/security.md name a test, or a made-up fault, for every row, and none that does not exist.</summary>
public sealed partial class FaultsDocumentTests
{
    private static readonly string s_tests = Path.Combine(ServerProcess.Repository, "tests");

    private static readonly string[] s_rows = [.. RowsOf("faults.md")];

    [Fact]
    public void Every_row_names_tests_that_exist()
    {
        Dictionary<string, string> classes = Directory.EnumerateFiles(s_tests, "*Tests.cs", SearchOption.AllDirectories)
            .GroupBy(static path => Path.GetFileNameWithoutExtension(path))
            .ToDictionary(static files => files.Key, static files => string.Concat(files.Select(File.ReadAllText)));
        foreach (string row in s_rows.Concat(RowsOf("security.md")))
        {
            string source = "";
            MatchCollection named = Named().Matches(row);
            Assert.NotEmpty(named);
            foreach (Match name in named)
            {
                // A name that begins with a dot is of the class before it.
                source = name.Groups["class"] is { Success: true, Value: var found } ? classes.GetValueOrDefault(found, "") : source;
                Assert.True(source.Length > 0, $"{name.Value}: no such class, in {row}");
                string method = name.Groups["method"].Value;
                Assert.True(source.Contains($" {method}(", StringComparison.Ordinal) || method.Length == 0, $"{name.Value}: no such test, in {row}");
            }
        }
    }

    [Fact]
    public void Every_fault_of_the_simulator_exists()
    {
        string kinds = File.ReadAllText(Path.Combine(s_tests, "Simulation", "Plans", "Fault.cs")) + File.ReadAllText(Path.Combine(s_tests, "Simulation", "Cluster", "ClusterFault.cs"));
        string[] named = [.. s_rows.SelectMany(static row => MadeUp().Matches(row)).SelectMany(static match => match.Groups["kind"].Captures).Select(static kind => kind.Value)];
        Assert.NotEmpty(named);
        Assert.All(named, kind => Assert.Contains($"    {kind},", kinds, StringComparison.Ordinal));
    }

    private static IEnumerable<string> RowsOf(string document) =>
        File.ReadLines(Path.Combine(ServerProcess.Repository, "docs", document)).Where(static line => line.StartsWith("| F", StringComparison.Ordinal));

    [GeneratedRegex(@"`(?<class>[A-Z]\w*Tests)?\.?(?<method>(?<=\.)[A-Z]\w+)?`")]
    private static partial Regex Named();

    [GeneratedRegex(@"simulator (`(?<kind>\w+)`( \([^)]*\))?(, )?)+")]
    private static partial Regex MadeUp();
}
