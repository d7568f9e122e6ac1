using Microsoft.Extensions.Configuration;
using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

public sealed class EffectiveConfigurationTests
{
    [Fact]
    public void Every_value_is_shown_with_its_source()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("appsettings.json", """{"Presence":{"Session":{"Hold":"00:00:20","Tolerance":"00:00:04"},"Shards":2,"Limits":{}}}""");
        Environment.SetEnvironmentVariable("SourceTest_Presence__Session__Tolerance", "00:00:03");
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .SetBasePath(directory.Path)
            .AddJsonFile("appsettings.json")
            .AddEnvironmentVariables("SourceTest_")
            .AddCommandLine(["--Presence:Shards=3"])
            .Build();

        (string text, int exitCode) = EffectiveConfiguration.Describe(ConfigurationLoader.Load(configuration, development: true, Load.Machine));

        Assert.Equal(0, exitCode);
        string[][] rows = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        Assert.Contains(["Presence:Session:Hold", "00:00:20", "appsettings.json"], rows);
        Assert.Contains(["Presence:Session:Tolerance", "00:00:03", "environment"], rows);
        Assert.Contains(["Presence:Shards", "3", "command line"], rows);
        Assert.Contains(["Presence:Listen:Tcp", "127.0.0.1:7001", "default (Development)"], rows);
        Assert.Contains(["Presence:Session:HeartbeatInterval", "00:00:30", "default"], rows);
    }

    [Fact]
    public void Source_is_found_behind_a_configuration_within_the_configuration()
    {
        IConfigurationRoot inner = new ConfigurationBuilder().AddCommandLine(["--Presence:Shards=3"]).Build();
        IConfigurationRoot configuration = new ConfigurationBuilder().AddConfiguration(inner).Build();

        LoadedConfiguration loaded = ConfigurationLoader.Load(configuration, development: true, Load.Machine);

        Assert.Equal("command line", loaded.Setting("Presence:Shards").Source);
    }

    [Fact]
    public void Every_text_that_is_shown_can_be_set()
    {
        LoadedConfiguration loaded = Load.Development();

        LoadedConfiguration again = Load.Development([.. loaded.Settings.Select(static s => (s.Key, (string?)s.Text))]);

        Assert.Empty(again.Errors);
        Assert.Equal(loaded.Settings.Select(static s => s.Text), again.Settings.Select(static s => s.Text));
    }

    [Fact]
    public void Secrets_are_masked()
    {
        LoadedConfiguration loaded = Load.Development(("Presence:Listen:Certificate:Password", "open sesame"));

        string text = EffectiveConfiguration.Describe(loaded).Text;

        Assert.DoesNotContain("sesame", text, StringComparison.Ordinal);
        Assert.Equal("********", loaded.Setting("Presence:Listen:Certificate:Password").Text);
    }

    [Fact]
    public void Secrets_are_masked_in_errors()
    {
        (string text, int exitCode) = EffectiveConfiguration.Describe(Load.Development(("Presence:Cluster:Redis", "redis:6379,password=sesame")));

        Assert.Equal(2, exitCode);
        Assert.DoesNotContain("sesame", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_printed_one_a_line_and_exit_with_2()
    {
        (string text, int exitCode) = EffectiveConfiguration.Describe(Load.Development(("Presence:Shards", "x"), ("Presence:Sharts", "2")));

        Assert.Equal(2, exitCode);
        Assert.Equal(
            """
            The configuration has 2 errors:
              Presence:Shards: 'x' (code) is not a whole number between 0 and 64.
              Presence:Sharts: is not a setting (code). The nearest one is Presence:Shards.

            """,
            text,
            ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Loading_makes_nothing()
    {
        using var directory = new TemporaryDirectory();

        Load.Development(("Presence:DataDirectory", directory["data"])).OrThrow();

        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }
}
