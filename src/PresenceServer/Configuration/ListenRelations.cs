namespace Presence.Server.Configuration;

/// <summary>What must hold between listeners, and between them and their certificate.</summary>
internal static class ListenRelations
{
    private const string Prefix = "Presence:Listen:";

    public static IEnumerable<ConfigurationError> Check(RelationContext context) =>
    [
        .. Overlaps(context.Value.Listen),
        .. Certificate(context),
    ];

    private static IEnumerable<ConfigurationError> Overlaps(ListenConfiguration listen)
    {
        (string Key, ListenAddress Address)[] all =
        [
            (Prefix + "Tcp", listen.Tcp), (Prefix + "Tls", listen.Tls), (Prefix + "WebSocket", listen.WebSocket),
            (Prefix + "Http", listen.Http), (Prefix + "Admin", listen.Admin),
        ];
        for (int i = 0; i < all.Length; i++)
        {
            foreach ((string key, ListenAddress address) in all[..i])
            {
                if (all[i].Address.Overlaps(address))
                {
                    yield return new ConfigurationError([all[i].Key, key], $"{all[i].Address} and {key} at {address} want the same port.");
                }
            }
        }

        if (listen.Tcp.IsOff && listen.Tls.IsOff && listen.WebSocket.IsOff && listen.Http.IsOff)
        {
            yield return new ConfigurationError(Prefix + "Tcp", "off, as Tls, WebSocket and Http are: no client could connect. Turn one of them on.");
        }
    }

    private static IEnumerable<ConfigurationError> Certificate(RelationContext context)
    {
        CertificateConfiguration certificate = context.Value.Listen.Certificate;
        if (certificate.Path.Length == 0)
        {
            if (certificate.KeyPath.Length > 0)
            {
                yield return new ConfigurationError(
                    Prefix + "Certificate:KeyPath", $"is set without {Prefix}Certificate:Path, the certificate it belongs to.");
            }

            if (!context.Value.Listen.Tls.IsOff && !context.Development)
            {
                yield return new ConfigurationError(Prefix + "Tls",
                    $"needs a certificate: set {Prefix}Certificate:Path to a PKCS#12 file, or it and {Prefix}Certificate:KeyPath "
                    + "to a PEM pair. Only in Development is one made.");
            }
        }

        foreach ((string name, string path) in new[] { ("Path", certificate.Path), ("KeyPath", certificate.KeyPath) })
        {
            if (path.Length > 0 && !File.Exists(path))
            {
                yield return new ConfigurationError($"{Prefix}Certificate:{name}", $"there is no file '{Path.GetFullPath(path)}'.");
            }
        }
    }
}
