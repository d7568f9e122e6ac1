using System.Net;

namespace Presence.Server.Configuration;

/// <summary>The admin listener is on loopback, or wants certificates of both sides.</summary>
internal static class AdminRelations
{
    private const string Listen = "Presence:Listen:Admin";
    private const string Certificate = "Presence:Admin:Certificate:Path";
    private const string KeyPath = "Presence:Admin:Certificate:KeyPath";
    private const string Authorities = "Presence:Admin:ClientAuthorities";

    public static IEnumerable<ConfigurationError> Check(RelationContext context)
    {
        ListenAddress listen = context.Value.Listen.Admin;
        AdminConfiguration admin = context.Value.Admin;
        bool mutual = admin.Certificate.Path.Length > 0 && admin.ClientAuthorities.Length > 0;
        if (!listen.IsOff && !mutual && (listen.Address is null || !IPAddress.IsLoopback(listen.Address)))
        {
            yield return new ConfigurationError([Listen, Certificate, Authorities],
                $"{listen} is reached from other machines, and a token alone does not protect it: bind it to loopback, or set {Certificate} and {Authorities}.");
        }
        else if (!mutual && admin.Certificate.Path.Length + admin.ClientAuthorities.Length > 0)
        {
            yield return new ConfigurationError([Certificate, Authorities],
                $"{Certificate} and {Authorities} go together: the admin listener speaks TLS with certificates of both sides, or none.");
        }

        if (admin.Certificate.KeyPath.Length > 0 && admin.Certificate.Path.Length == 0)
        {
            yield return new ConfigurationError(KeyPath, $"is set without {Certificate}, the certificate it belongs to.");
        }

        foreach ((string key, string path) in new[] { (Certificate, admin.Certificate.Path), (KeyPath, admin.Certificate.KeyPath), (Authorities, admin.ClientAuthorities) })
        {
            if (path.Length > 0 && !File.Exists(path))
            {
                yield return new ConfigurationError(key, $"there is no file '{Path.GetFullPath(path)}'.");
            }
        }
    }
}
