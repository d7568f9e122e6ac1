using System.Globalization;
using System.Text.RegularExpressions;
using Presence.TestKit;

namespace Presence.Server.Tests.Metrics;

/// <summary>What Prometheus reads of a server: its text format, as far as it is used.</summary>
internal sealed partial class Scrape
{
    private readonly List<Sample> _samples = [];
    private readonly Dictionary<string, string> _types = [];

    private Scrape(string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                _types.Add(words[2], words[3]);
            }
            else if (line[0] != '#')
            {
                _samples.Add(Sample.Parse(line));
            }
        }
    }

    /// <summary>The kind of each metric by its name.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyList<Sample> Samples => _samples;

    public static async Task<Scrape> OfAsync(ServerProcess server, CancellationToken cancel)
    {
        using var http = new HttpClient();
        return new(await http.GetStringAsync(new Uri($"http://{server.Admin}/metrics"), cancel));
    }

    /// <summary>Scrapes until it shows what is expected.</summary>
    public static async Task<Scrape> WaitAsync(ServerProcess server, Func<Scrape, bool> expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Scrape scrape;
        do
        {
            scrape = await OfAsync(server, patience.Token);
        }
        while (!expected(scrape));

        return scrape;
    }

    /// <summary>The sum over the series of this name that have these labels, each <c>name=value</c>; what is there must be at least one.</summary>
    public double Sum(string name, params string[] labels)
    {
        Sample[] found = [.. _samples.Where(sample => sample.Name == name && labels.All(sample.Has))];
        return found is [] ? throw new InvalidOperationException($"There is no {name} with {string.Join(", ", labels)}.") : found.Sum(static sample => sample.Value);
    }

    /// <summary>The same, with nothing for what is not there.</summary>
    public double SumOrNothing(string name, params string[] labels) =>
        _samples.Where(sample => sample.Name == name && labels.All(sample.Has)).Sum(static sample => sample.Value);

    /// <summary>One line of a scrape.</summary>
    internal sealed partial record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
    {
        public static Sample Parse(string line)
        {
            Match match = Form().Match(line);
            if (!match.Success)
            {
                throw new FormatException($"This is no sample: {line}");
            }

            var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(static label => label.Groups["name"].Value, static label => label.Groups["value"].Value);
            return new(match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));
        }

        public bool Has(string label) => label.Split('=') is [var name, var value] && Labels.TryGetValue(name, out string? found) && found == value;

        [GeneratedRegex(@"^(?<name>\w+)(\{(?<labels>.*)\})? (?<value>[^ ]+)( \d+)?$")]
        private static partial Regex Form();

        [GeneratedRegex(@"(?<name>\w+)=""(?<value>[^""]*)""")]
        private static partial Regex Label();
    }
}
