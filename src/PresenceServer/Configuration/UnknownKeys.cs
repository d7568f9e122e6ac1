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
                : new ConfigurationError(key, $"is not a setting ({source}). The nearest one is {Nearest(key, known)}.");
        }
    }

    /// <summary>The setting whose full name takes the fewest edits to reach.</summary>
    public static string Nearest(string key, IEnumerable<string> known) =>
        known.MinBy(candidate => EditDistance(key.ToUpperInvariant(), candidate.ToUpperInvariant()))!;

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
