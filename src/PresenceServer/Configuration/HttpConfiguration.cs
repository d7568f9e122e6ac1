namespace Presence.Server.Configuration;

/// <summary>Browsers: which pages may use this server from the machine of whoever looks at them.</summary>
internal sealed record HttpConfiguration
{
    /// <summary>Lets every page in.</summary>
    public const string AnyOrigin = "*";

    /// <summary>
    /// Origins of pages that may open a WebSocket and read what HTTP answers, separated by commas: <c>https://app.example</c>, exactly as browsers send them; or
    /// <c>*</c> for any. Empty, the default, lets no page in: who is no browser sends no Origin and is not asked for one.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
