namespace Presence.Server.Configuration;

/// <summary>The inclusive range of a setting, in the text form of the setting's own type.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BetweenAttribute(string least, string most) : Attribute
{
    public string Least { get; } = least;
    public string Most { get; } = most;
}

/// <summary>The default in Development where it differs from the one in Production (which is the property's initialiser).</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InDevelopmentAttribute(string value) : Attribute
{
    public string Value { get; } = value;
}

/// <summary>The value is never printed: not in the effective configuration, not in an error.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;
