using System.Reflection;

namespace Presence.Server.Configuration;

/// <summary>
/// Fills a tree of records from the configuration: the shape of the records is the list of settings. Collects every value with its
/// source and every error; what cannot be read keeps its default, so that reading goes on to the next error.
/// </summary>
internal sealed class SettingReader(IConfigurationRoot configuration, bool development)
{
    private readonly List<SettingValue> _settings = [];
    private readonly List<ConfigurationError> _errors = [];
    private readonly List<string> _groups = [];

    public IReadOnlyList<SettingValue> Settings => _settings;

    public IReadOnlyList<ConfigurationError> Errors => _errors;

    /// <summary>The keys that hold settings but no value.</summary>
    public IReadOnlyList<string> Groups => _groups;

    public T Read<T>(string path)
        where T : new() => (T)ReadGroup(new T(), path);

    private object ReadGroup(object group, string path)
    {
        _groups.Add(path);
        foreach (PropertyInfo property in group.GetType().GetProperties().OrderBy(static p => p.MetadataToken))
        {
            string key = ConfigurationPath.Combine(path, property.Name);
            object initial = property.GetValue(group)!;
            property.SetValue(group, SettingText.Handles(property.PropertyType)
                ? ReadSetting(property, key, initial)
                : ReadGroup(initial, key));
        }

        return group;
    }

    private object ReadSetting(PropertyInfo property, string key, object initial)
    {
        object value = initial;
        string source = SettingSource.Default;
        if (Text(property.PropertyType, key, out string sourceKey) is { } text)
        {
            source = SettingSource.Of(configuration, sourceKey);
            value = Parse(property, key, text, source) ?? initial;
        }
        else if (development && property.GetCustomAttribute<InDevelopmentAttribute>() is { } inDevelopment)
        {
            source = "default (Development)";
            value = SettingText.Parse(property.PropertyType, inDevelopment.Value)!;
        }

        _settings.Add(new SettingValue(key, Shown(property, SettingText.Format(value)), source));
        return value;
    }

    /// <summary>A list may be one text with commas or a JSON array, whose elements are keys of their own.</summary>
    private string? Text(Type type, string key, out string sourceKey)
    {
        sourceKey = key;
        if (configuration[key] is { } text || type != typeof(IReadOnlyList<string>))
        {
            return configuration[key];
        }

        IConfigurationSection[] elements = [.. configuration.GetSection(key).GetChildren()];
        sourceKey = elements.Length == 0 ? key : elements[0].Path;
        return elements.Length == 0 ? null : string.Join(',', elements.Select(static e => e.Value));
    }

    private object? Parse(PropertyInfo property, string key, string text, string source)
    {
        object? value = SettingText.Parse(property.PropertyType, text);
        BetweenAttribute? range = property.GetCustomAttribute<BetweenAttribute>();
        if (value is not null && (range is null || IsWithin(value, range)))
        {
            return value;
        }

        string expected = SettingText.Expected(property.PropertyType)
            + (range is null ? "" : $" between {range.Least} and {range.Most}");
        _errors.Add(new ConfigurationError(key, $"'{Shown(property, text)}' ({source}) is not {expected}."));
        return null;
    }

    private static bool IsWithin(object value, BetweenAttribute range) =>
        value is IComparable comparable
        && comparable.CompareTo(SettingText.Parse(value.GetType(), range.Least)) >= 0
        && comparable.CompareTo(SettingText.Parse(value.GetType(), range.Most)) <= 0;

    private static string Shown(PropertyInfo property, string text) =>
        text.Length > 0 && property.IsDefined(typeof(SecretAttribute)) ? "********" : text;
}
