using Microsoft.Extensions.Configuration;
using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

/// <summary>Loads a configuration from pairs, as a process on a known machine would.</summary>
internal static class Load
{
    public static readonly Machine Machine = new(Cores: 6, MemoryBytes: 16L << 30, Descriptors: 20_000, HostName: "node-1");

    public static LoadedConfiguration Development(params (string Key, string? Value)[] settings) => From(true, settings);

    public static LoadedConfiguration Production(params (string Key, string? Value)[] settings) => From(false, settings);

    /// <summary>The text of the one error there is.</summary>
    public static string OnlyError(this LoadedConfiguration loaded) => Assert.Single(loaded.Errors).ToString();

    public static SettingValue Setting(this LoadedConfiguration loaded, string key) => loaded.Settings.Single(s => s.Key == key);

    private static LoadedConfiguration From(bool development, (string Key, string? Value)[] settings)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(static s => s.Key, static s => s.Value))
            .Build();
        return ConfigurationLoader.Load(configuration, development, Machine);
    }
}
