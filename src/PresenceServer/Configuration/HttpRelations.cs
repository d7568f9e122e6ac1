namespace Presence.Server.Configuration;

/// <summary>What an origin must look like to be ever met: browsers send them in one spelling.</summary>
internal static class HttpRelations
{
    public static IEnumerable<ConfigurationError> Check(RelationContext context)
    {
        foreach (string origin in context.Value.Http.AllowedOrigins)
        {
            if (Fault(origin) is { } fault)
            {
                yield return new ConfigurationError("Presence:Http:AllowedOrigins", $"'{origin}' {fault}");
            }
        }
    }

    private static string? Fault(string origin)
    {
        if (origin == HttpConfiguration.AnyOrigin)
        {
            return null;
        }

        if (origin == "null")
        {
            return "is what any page in a sandbox sends; it would let in everybody. Give the page an origin.";
        }

        if (origin.Contains('*'))
        {
            return "has a part that stands for any; name each origin, or '*' alone for all.";
        }

        if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
        {
            return "is not an origin such as https://app.example or https://app.example:8443.";
        }

        string spelt = uri.GetLeftPart(UriPartial.Authority);
        return spelt == origin ? null : $"is never sent so by a browser; write {spelt}.";
    }
}
