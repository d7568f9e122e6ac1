namespace Presence.Server.Configuration;

/// <summary>The one place where configuration becomes records. Has no side effects: nothing is made, locked or listened on.</summary>
internal static class ConfigurationLoader
{
    /// <param name="configuration">The providers in the order of their precedence, the last one winning.</param>
    /// <param name="development">Whether the environment is Development; it differs in a few defaults only.</param>
    /// <param name="machine">What defaults such as "one shard a core" are derived from.</param>
    public static LoadedConfiguration Load(IConfigurationRoot configuration, bool development, Machine machine)
    {
        var reader = new SettingReader(configuration, development);
        PresenceConfiguration read = reader.Read<PresenceConfiguration>(PresenceConfiguration.Section);

        List<SettingValue> settings = [.. reader.Settings];
        PresenceConfiguration value = new DerivedSettings(machine, settings).Apply(read);

        List<ConfigurationError> errors = [.. reader.Errors, .. UnknownKeys.Find(configuration, reader)];
        var relations = new RelationContext(value, settings, machine, development);
        errors.AddRange(Relations.Check(relations).Where(relation => !AlreadyWrong(relation, reader.Errors)));
        return new LoadedConfiguration(value, settings, errors);
    }

    // A value that could not be read was replaced by its default; what the default does not fit with is not the operator's error.
    private static bool AlreadyWrong(ConfigurationError relation, IReadOnlyList<ConfigurationError> errors) =>
        errors.Any(error => relation.Keys.Contains(error.Keys[0]));
}
