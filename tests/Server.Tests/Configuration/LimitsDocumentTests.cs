using System.Reflection;
using System.Text.Json;
using Presence.Engine;
using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

/// <summary>docs/limits.md has a line for each limit, with its default, and for nothing else.</summary>
public sealed class LimitsDocumentTests
{
    [Fact]
    public void Each_limit_has_its_line_with_its_default()
    {
        var defaults = new LimitsConfiguration();
        IEnumerable<string> expected = typeof(LimitsConfiguration).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => SettingText.Handles(property.PropertyType))
            .Select(property => $"| `Presence:Limits:{property.Name}` | {SettingText.Format(property.GetValue(defaults)!)} |");
        IEnumerable<string> lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "docs", "limits.md"))
            .Where(static line => line.StartsWith("| `Presence:Limits:", StringComparison.Ordinal))
            .Select(static line => string.Join('|', line.Split('|').Take(3)) + "|");
        Assert.Equal(expected.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
    }

    // The two that are left are the kernel's, and what is kept back.
    [Fact]
    public void Whoever_runs_into_one_is_counted_under_its_name()
    {
        IEnumerable<string> names = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "docs", "limits.md"))
            .Where(static line => line.StartsWith("| `Presence:Limits:", StringComparison.Ordinal))
            .Select(static line => line.Split('|'))
            .Select(static cells => cells[5].Contains('`') ? cells[5].Split('`')[1] : JsonNamingPolicy.SnakeCaseLower.ConvertName(cells[1].Trim(' ', '`').Split(':')[^1]));
        Assert.Equal(["accept_backlog", "descriptor_reserve"], names.Except(LimitHits.Names).Order(StringComparer.Ordinal));
    }
}
