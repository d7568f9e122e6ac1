namespace Presence.Server.Configuration;

/// <summary>The configuration cannot be started with. The process exits with 2 after printing every error.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigurationError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public ConfigurationException(string key, string message)
        : this([new ConfigurationError(key, message)])
    {
    }

    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;
}
