namespace Presence.Server.Configuration;

/// <summary>A setting as it is in force.</summary>
/// <param name="Key">Such as <c>Presence:Session:Hold</c>.</param>
/// <param name="Text">The value, masked when it is a secret.</param>
/// <param name="Source">Who said so: a file's name, <c>environment</c>, <c>command line</c> or <c>default</c> with its reason.</param>
internal sealed record SettingValue(string Key, string Text, string Source);

/// <summary>The outcome of reading the configuration: every value with its source, and everything that is wrong with it.</summary>
internal sealed record LoadedConfiguration(
    PresenceConfiguration Value, IReadOnlyList<SettingValue> Settings, IReadOnlyList<ConfigurationError> Errors)
{
    /// <exception cref="ConfigurationException">There are errors; the exception has them all.</exception>
    public PresenceConfiguration OrThrow() => Errors.Count == 0 ? Value : throw new ConfigurationException(Errors);
}
