using System.Text;

namespace Presence.Server.Configuration;

/// <summary>What <c>--check-config</c> prints.</summary>
internal static class EffectiveConfiguration
{
    public const int ExitCodeGood = 0;
    public const int ExitCodeBad = 2;

    /// <summary>Every value with its source, one a line, and 0; or every error, one a line, and 2.</summary>
    public static (string Text, int ExitCode) Describe(LoadedConfiguration loaded) => loaded.Errors.Count == 0
        ? (Table(loaded.Settings), ExitCodeGood)
        : (Describe(loaded.Errors), ExitCodeBad);

    /// <summary>Every error on a line of its own, below a line that counts them.</summary>
    public static string Describe(IReadOnlyList<ConfigurationError> errors)
    {
        var text = new StringBuilder();
        text.AppendLine(errors.Count == 1 ? "The configuration has an error:" : $"The configuration has {errors.Count} errors:");
        foreach (ConfigurationError error in errors)
        {
            text.Append("  ").Append(error).AppendLine();
        }

        return text.ToString();
    }

    private static string Table(IReadOnlyList<SettingValue> settings)
    {
        int keyWidth = settings.Max(static s => s.Key.Length);
        int textWidth = settings.Max(static s => s.Text.Length);
        var text = new StringBuilder();
        foreach (SettingValue setting in settings)
        {
            text.Append(setting.Key.PadRight(keyWidth + 2)).Append(setting.Text.PadRight(textWidth + 2)).AppendLine(setting.Source);
        }

        return text.ToString();
    }
}
