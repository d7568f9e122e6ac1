using System.Text;

namespace Presence.Scenarios.Results;

/// <summary>The parts of a results file, each under a heading of its own: what one command measures is replaced, the rest stays.</summary>
internal static class Sections
{
    private const string Heading = "## ";

    /// <summary>The text with one part replaced; a part that is not there yet is added at the end.</summary>
    /// <param name="text">Of the whole file.</param>
    /// <param name="heading">Of the part, without the marks.</param>
    /// <param name="body">Below the heading.</param>
    public static string Replace(string text, string heading, string body)
    {
        var result = new StringBuilder();
        bool isIn = false, isDone = false;
        foreach (string line in text.TrimEnd().Split('\n'))
        {
            if (line.StartsWith(Heading, StringComparison.Ordinal))
            {
                isIn = line == Heading + heading;
                isDone |= isIn;
                if (isIn)
                {
                    Append(result, heading, body);
                }
            }

            if (!isIn)
            {
                result.Append(line).Append('\n');
            }
        }

        if (!isDone)
        {
            result.Append('\n');
            Append(result, heading, body);
        }

        return result.ToString().TrimEnd() + "\n";
    }

    /// <summary>A file written anew, with those parts of the old one that it does not have.</summary>
    public static string Keep(string old, string anew)
    {
        string text = anew;
        foreach (string part in old.TrimEnd().Split($"\n{Heading}").Skip(1))
        {
            string[] heading = part.Split('\n', 2);
            if (!anew.Contains($"\n{Heading}{heading[0]}\n", StringComparison.Ordinal))
            {
                text = Replace(text, heading[0], heading.Length > 1 ? heading[1] : "");
            }
        }

        return text;
    }

    private static void Append(StringBuilder result, string heading, string body) =>
        result.Append(Heading).Append(heading).Append("\n\n").Append(body.Trim()).Append("\n\n");
}
