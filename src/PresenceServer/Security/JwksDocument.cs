using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Presence.Server.Security;

/// <summary>The usable keys of a JSON Web Key Set (RFC 7517).</summary>
/// <param name="Keys">At least one, at most <see cref="MaxKeys"/>.</param>
/// <param name="Ignored">Why others in the set are not used, one sentence a key.</param>
internal sealed record JwksDocument(IReadOnlyList<VerificationKey> Keys, IReadOnlyList<string> Ignored)
{
    /// <summary>An identity provider publishes two or three.</summary>
    public const int MaxKeys = 64;

    /// <param name="json">The document.</param>
    /// <param name="secretsAllowed">
    /// Whether symmetric keys count: in a file of the operator, yes; behind a URL, no, as a secret that others can fetch is none.
    /// </param>
    /// <exception cref="KeyFormatException">It is no key set, has too many keys or none that can be used.</exception>
    public static JwksDocument Parse(string json, bool secretsAllowed)
    {
        IList<JsonWebKey> all = ReadKeys(json);
        var keys = new List<VerificationKey>();
        var ignored = new List<string>();
        foreach (JsonWebKey key in all)
        {
            try
            {
                keys.Add(!secretsAllowed && key.Kty == JsonWebAlgorithmsKeyTypes.Octet
                    ? throw new KeyFormatException("it is a secret, and this key set is public")
                    : VerificationKey.FromJsonWebKey(key));
            }
            catch (KeyFormatException e)
            {
                ignored.Add($"Key '{key.Kid}' is not used: {e.Message}.");
            }
        }

        return keys.Count > 0
            ? new JwksDocument(keys, ignored)
            : throw new KeyFormatException($"The key set has no key that can be used. {string.Join(' ', ignored)}".TrimEnd());
    }

    private static IList<JsonWebKey> ReadKeys(string json)
    {
        try
        {
            IList<JsonWebKey> keys = new JsonWebKeySet(json).Keys;
            return keys.Count <= MaxKeys
                ? keys
                : throw new KeyFormatException($"The key set has {keys.Count} keys; at most {MaxKeys} are expected.");
        }
        catch (Exception e) when (e is ArgumentException or JsonException or InvalidOperationException)
        {
            throw new KeyFormatException("This is not a JSON Web Key Set: an object with an array 'keys' of objects is expected (RFC 7517).", e);
        }
    }
}
