using Microsoft.IdentityModel.Tokens;

namespace Presence.Server.Security;

/// <summary>
/// A key and the one algorithm it is for. That a key is never used with the algorithm a token names, but only with its own, is what
/// makes "sign with HS256 and the public key" fail.
/// </summary>
internal sealed class VerificationKey
{
    private const int MinRsaBits = 2_048;
    private const int HmacBytes = 32;
    private const int P256Bytes = 64;
    private readonly SignatureProvider _provider;
    private readonly int _signatureBytes;

    private VerificationKey(string? keyId, string algorithm, SecurityKey key, int signatureBytes)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        _signatureBytes = signatureBytes;
        // Made once: it pools the native handles that a verification needs, and is safe for all threads.
        _provider = key.CryptoProviderFactory.CreateForVerifying(key, algorithm, cacheProvider: false);
        // Numbers that are no key, such as a point off the curve, are noticed by their first use only. Let that be now.
        _provider.Verify([0], new byte[signatureBytes]);
    }

    /// <summary>All algorithms there are, in the spelling of RFC 7518.</summary>
    public static IReadOnlyList<string> Algorithms { get; } =
        [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    /// <summary>The <c>kid</c> by which tokens name it; null when it has none.</summary>
    public string? KeyId { get; }

    public string Algorithm { get; }

    public static VerificationKey FromSecret(byte[] secret, string? keyId = null) =>
        new(keyId, SecurityAlgorithms.HmacSha256, new SymmetricSecurityKey(secret), HmacBytes);

    /// <summary>The key of a JSON Web Key.</summary>
    /// <exception cref="KeyFormatException">It is none that tokens can be verified with here.</exception>
    public static VerificationKey FromJsonWebKey(JsonWebKey key)
    {
        string algorithm = AlgorithmOf(key);
        if (!string.IsNullOrEmpty(key.Alg) && key.Alg != algorithm)
        {
            throw new KeyFormatException($"it is for {key.Alg}, which is not among {string.Join(", ", Algorithms)}");
        }

        if (key.Use is { Length: > 0 } use && use != JsonWebKeyUseNames.Sig)
        {
            throw new KeyFormatException("its use is not 'sig'");
        }

        if (key.KeyOps is { Count: > 0 } operations && !operations.Contains("verify"))
        {
            throw new KeyFormatException("its key_ops do not have 'verify'");
        }

        return Create(key, algorithm);
    }

    /// <summary>Whether the signature is this key's over the content.</summary>
    public bool Verify(byte[] content, int contentLength, byte[] signature, int signatureLength) =>
        signatureLength == _signatureBytes && _provider.Verify(content, 0, contentLength, signature, 0, signatureLength);

    private static VerificationKey Create(JsonWebKey key, string algorithm)
    {
        string? keyId = string.IsNullOrEmpty(key.Kid) ? null : key.Kid;
        try
        {
            return algorithm == SecurityAlgorithms.HmacSha256
                ? FromSecret(SigningSecret.Parse(key.K, "k"), keyId)
                : new VerificationKey(keyId, algorithm, key, algorithm == SecurityAlgorithms.EcdsaSha256 ? P256Bytes : (key.KeySize + 7) / 8);
        }
        // What the library throws for numbers that are no key is not documented; none of it may pass for a key.
        catch (Exception e) when (e is not KeyFormatException and not OutOfMemoryException)
        {
            throw new KeyFormatException($"its numbers are not a key ({e.Message})", e);
        }
    }

    private static string AlgorithmOf(JsonWebKey key) => key.Kty switch
    {
        JsonWebAlgorithmsKeyTypes.Octet => SecurityAlgorithms.HmacSha256,
        JsonWebAlgorithmsKeyTypes.EllipticCurve when key.Crv == JsonWebKeyECTypes.P256 => SecurityAlgorithms.EcdsaSha256,
        JsonWebAlgorithmsKeyTypes.EllipticCurve => throw new KeyFormatException("its curve is not P-256"),
        JsonWebAlgorithmsKeyTypes.RSA when key.KeySize >= MinRsaBits => SecurityAlgorithms.RsaSha256,
        JsonWebAlgorithmsKeyTypes.RSA => throw new KeyFormatException($"it is an RSA key of less than {MinRsaBits} bits"),
        _ => throw new KeyFormatException("its kty is not oct, RSA or EC"),
    };
}
