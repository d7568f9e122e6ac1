namespace Presence.Server.Configuration;

/// <summary>The words of the command line, sorted. One that is not understood is an error: the framework would ignore it.</summary>
/// <param name="CheckOnly">Whether <c>--check-config</c> is among them.</param>
/// <param name="Settings">Settings, for the configuration.</param>
/// <param name="Errors">What is neither.</param>
internal sealed record CommandLineWords(bool CheckOnly, IReadOnlyList<string> Settings, IReadOnlyList<ConfigurationError> Errors)
{
    private const string CheckConfig = "--check-config";

    // Of the host and of its logging, beside what is ours.
    private static readonly string[] _hostKeys = ["environment", "contentRoot", "applicationName", "shutdownTimeoutSeconds"];
    private static readonly string[] _sections = [PresenceConfiguration.Section, "Logging"];

    public static CommandLineWords Read(IReadOnlyList<string> words)
    {
        var settings = new List<string>();
        var errors = new List<ConfigurationError>();
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word == CheckConfig)
            {
                continue;
            }

            bool alone = !word.Contains('=', StringComparison.Ordinal);
            bool hasValue = !alone || (IsOption(word) && i + 1 < words.Count && !IsOption(words[i + 1]));
            if (!hasValue || !IsKnown(KeyOf(word)))
            {
                errors.Add(new ConfigurationError(
                    word, $"is not understood (command line). There is {CheckConfig}, and a setting is --{PresenceConfiguration.Section}:Session:Hold=00:00:10."));
            }
            else
            {
                settings.Add(word);
                if (alone)
                {
                    settings.Add(words[++i]);
                }
            }
        }

        return new CommandLineWords(words.Contains(CheckConfig), settings, errors);
    }

    private static bool IsOption(string word) => word.StartsWith('-') || word.StartsWith('/');

    private static string KeyOf(string word) => word.Split('=')[0].TrimStart('-', '/');

    private static bool IsKnown(string key) =>
        _hostKeys.Contains(key, StringComparer.OrdinalIgnoreCase)
        || _sections.Any(section => key.StartsWith(section + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase));
}
