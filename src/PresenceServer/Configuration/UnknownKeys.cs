using System.Globalization;

namespace Presence.Server.Configuration;

/// <summary>
/// Finds what was set but is no setting. A misspelt key that is ignored leaves the operator with a default that he believes he changed.
/// </summary>
internal static class UnknownKeys
{
    public static IEnumerable<ConfigurationError> Find(IConfigurationRoot configuration, SettingReader read)
    {
        string[] known = [.. read.Settings.Select(static s => s.Key)];
        foreach ((string key, string? value) in configuration.GetSection(PresenceConfiguration.Section).AsEnumerable())
        {
            if (string.IsNullOrEmpty(value) ? IsKnown(key, known) || HoldsKeys(configuration, key) : IsKnown(key, known))
            {
                continue;
            }

            string source = SettingSource.Of(configuration, key);
            yield return read.Groups.Contains(key, StringComparer.OrdinalIgnoreCase)
                ? new ConfigurationError(key, $"has a value ({source}) but is a group of settings; set one of those in it.")
                : new ConfigurationError(key, $"is not a setting ({source}). {Hint(key, known)}");
        }
    }

    // The setting whose full name takes the fewest edits to reach; one that takes many was not meant.
    private static string Hint(string key, string[] known)
    {
        (string nearest, int edits) = known.Select(candidate => (candidate, EditDistance(key.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .MinBy(static candidate => candidate.Item2);
        return IsNear(key, nearest, edits) ? $"The nearest one is {nearest}." : $"Known are {string.Join(", ", Siblings(key, known))}.";
    }

    // A slip of the pen, a name in another section, or a name within a setting.
    private static bool IsNear(string key, string nearest, int edits) =>
        edits <= Math.Max(1, (key.Length - CommonSection(key, nearest)) / 3)
        || ConfigurationPath.GetSectionKey(key).Equals(ConfigurationPath.GetSectionKey(nearest), StringComparison.OrdinalIgnoreCase)
        || key.StartsWith(nearest + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase);

    // The length of the sections both are in: they say nothing of what was meant in them.
    private static int CommonSection(string one, string other)
    {
        int common = one.AsSpan().CommonPrefixLength(other);
        return one.AsSpan(0, common).LastIndexOf(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) + 1;
    }

    // What stands directly in the section of the key, or in the nearest one around it that exists.
    private static IEnumerable<string> Siblings(string key, string[] known)
    {
        string section = ConfigurationPath.GetParentPath(key) + ConfigurationPath.KeyDelimiter;
        string[] inside = [.. known.Where(candidate => candidate.StartsWith(section, StringComparison.OrdinalIgnoreCase))];
        return inside.Length > 0
            ? inside.Select(candidate => section + candidate[section.Length..].Split(ConfigurationPath.KeyDelimiter)[0]).Distinct()
            : Siblings(section[..^1], known);
    }

    private static bool IsKnown(string key, string[] known) =>
        known.Contains(key, StringComparer.OrdinalIgnoreCase)
        || (int.TryParse(ConfigurationPath.GetSectionKey(key), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && known.Contains(ConfigurationPath.GetParentPath(key), StringComparer.OrdinalIgnoreCase));

    // An empty object or array in JSON, and every inner key, shows up without a value.
    private static bool HoldsKeys(IConfigurationRoot configuration, string key) =>
        configuration[key] is null || configuration.GetSection(key).GetChildren().Any();

    private static int EditDistance(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] current = new int[to.Length + 1];
            current[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int substituted = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(substituted, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[to.Length];
    }
}
