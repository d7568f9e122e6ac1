namespace Presence.Server.Configuration;

/// <summary>One thing that is wrong with the configuration: where, what was expected, what to do.</summary>
/// <param name="Keys">The settings it is about, the first of them being the one to look at.</param>
/// <param name="Message">A sentence that starts with what was found.</param>
internal sealed record ConfigurationError(IReadOnlyList<string> Keys, string Message)
{
    public ConfigurationError(string key, string message)
        : this([key], message)
    {
    }

    public override string ToString() => $"{Keys[0]}: {Message}";
}
