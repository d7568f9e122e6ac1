using Presence.Server.Security;

namespace Presence.Server.Configuration;

/// <summary>What must hold between keys and algorithms; the files are read, because a key that does not load is a wrong setting.</summary>
internal static class AuthRelations
{
    private const string Prefix = "Presence:Auth:";

    public static IEnumerable<ConfigurationError> Check(RelationContext context) =>
    [
        .. KeySources(context.Value.Auth, context.Development),
        .. Algorithms(context.Value.Auth),
        .. SigningKey(context.Value.Auth),
        .. KeySet(context.Value.Auth),
        .. Url("JwksUrl", context.Value.Auth.JwksUrl, "whoever changes the keys on their way can sign tokens", "a key set is public"),
        .. Revocations(context.Value.Auth),
    ];

    private static IEnumerable<ConfigurationError> KeySources(AuthConfiguration auth, bool development)
    {
        if (!auth.NamesKeys() && !development)
        {
            yield return new ConfigurationError(Prefix + "SigningKeyFile",
                "no key to check tokens with. Make one with '(umask 077; head -c 32 /dev/urandom | base64 > presence-key)' and set "
                + Prefix + "SigningKeyFile to the file, or name the key set of your identity provider with " + Prefix
                + "JwksUrl or JwksFile. (In Development a key is made in the data directory.)");
        }

        if (auth.JwksFile.Length > 0 && auth.JwksUrl.Length > 0)
        {
            yield return new ConfigurationError(
                [Prefix + "JwksUrl", Prefix + "JwksFile"], $"is set together with {Prefix}JwksFile; name one key set.");
        }
    }

    private static IEnumerable<ConfigurationError> Algorithms(AuthConfiguration auth)
    {
        foreach (string algorithm in auth.Algorithms.Except(VerificationKey.Algorithms))
        {
            yield return new ConfigurationError(Prefix + "Algorithms",
                $"'{algorithm}' is not one of {string.Join(", ", VerificationKey.Algorithms)}, spelt exactly so.");
        }

        if (auth.Algorithms.Count == 0)
        {
            yield return new ConfigurationError(Prefix + "Algorithms",
                $"is empty: no token could be valid. Name some of {string.Join(", ", VerificationKey.Algorithms)}.");
        }
    }

    private static ConfigurationError[] SigningKey(AuthConfiguration auth) => auth.SigningKeyFile.Length == 0 ? [] :
        Load("SigningKeyFile", auth, () => [VerificationKeyFile.Read(auth.SigningKeyFile)]);

    private static ConfigurationError[] KeySet(AuthConfiguration auth) => auth.JwksFile.Length == 0 ? [] :
        Load("JwksFile", auth, () => JwksDocument.Parse(SecretFile.Read(auth.JwksFile), secretsAllowed: true).Keys);

    private static ConfigurationError[] Load(string setting, AuthConfiguration auth, Func<IReadOnlyList<VerificationKey>> load)
    {
        try
        {
            return load().Any(key => auth.Algorithms.Contains(key.Algorithm))
                ? []
                : [new ConfigurationError([Prefix + setting, Prefix + "Algorithms"],
                    $"has no key for {string.Join(", ", auth.Algorithms)}, which is all that {Prefix}Algorithms allows.")];
        }
        catch (KeyFormatException e)
        {
            return [new ConfigurationError(Prefix + setting, e.Message)];
        }
    }

    private static IEnumerable<ConfigurationError> Revocations(AuthConfiguration auth)
    {
        if (auth.RevocationFile.Length > 0 && auth.RevocationUrl.Length > 0)
        {
            yield return new ConfigurationError(
                [Prefix + "RevocationUrl", Prefix + "RevocationFile"], $"is set together with {Prefix}RevocationFile; name one list.");
        }

        foreach (ConfigurationError error in Url(
            "RevocationUrl", auth.RevocationUrl, "whoever changes the list on its way decides who gets in", "it would be printed with the configuration"))
        {
            yield return error;
        }
    }

    private static IEnumerable<ConfigurationError> Url(string setting, string value, string whyEncrypted, string whyNoPassword) =>
        UrlAt(Prefix + setting, value, whyEncrypted, whyNoPassword);

    /// <summary>What must hold of an address that is asked for what decides who gets in, or who sees whom.</summary>
    public static IEnumerable<ConfigurationError> UrlAt(string key, string value, string whyEncrypted, string whyNoPassword)
    {
        if (value.Length == 0)
        {
            yield break;
        }

        if (!Uri.TryCreate(value, UriKind.Absolute, out Uri? url)
            || (url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            yield return new ConfigurationError(
                key, $"is not an https address (http is accepted to this machine only): {whyEncrypted}.");
        }
        else if (url.UserInfo.Length > 0)
        {
            yield return new ConfigurationError(key, $"carries a user name or password; {whyNoPassword}, remove them.");
        }
    }
}
