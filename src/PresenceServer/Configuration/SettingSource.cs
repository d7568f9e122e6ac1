using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Presence.Server.Configuration;

/// <summary>Says in the operator's words which provider a value came from.</summary>
internal static class SettingSource
{
    public const string Default = "default";

    /// <summary>The source of a key that has a value; the last provider that knows it wins, as in the configuration itself.</summary>
    public static string Of(IConfigurationRoot configuration, string key)
    {
        IConfigurationProvider? provider = configuration.Providers.LastOrDefault(p => p.TryGet(key, out _));
        return provider switch
        {
            JsonConfigurationProvider json => Path.GetFileName(json.Source.Path) ?? "JSON",
            EnvironmentVariablesConfigurationProvider => "environment",
            CommandLineConfigurationProvider => "command line",
            ChainedConfigurationProvider { Configuration: IConfigurationRoot inner } => Of(inner, key),
            null => Default,
            _ => "code",
        };
    }
}
