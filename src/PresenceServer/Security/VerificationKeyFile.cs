using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Presence.Server.Security;

/// <summary>
/// The file of <c>Presence:Auth:SigningKeyFile</c>: an HS256 secret (see <see cref="SigningSecret"/>) or a PEM public key.
/// </summary>
internal static class VerificationKeyFile
{
    private const string PemStart = "-----BEGIN ";
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <exception cref="KeyFormatException">It cannot be read or holds neither.</exception>
    public static VerificationKey Read(string path) => Parse(SecretFile.Read(path), Path.GetFullPath(path));

    /// <param name="text">The content of the file.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <exception cref="KeyFormatException">It holds neither.</exception>
    public static VerificationKey Parse(string text, string name)
    {
        if (!text.Contains(PemStart, StringComparison.Ordinal))
        {
            return VerificationKey.FromSecret(SigningSecret.Parse(text, name));
        }

        if (text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new KeyFormatException(
                $"'{name}' is a private key. The server only verifies: give it the public key ('openssl pkey -pubout').");
        }

        try
        {
            return VerificationKey.FromJsonWebKey(FromPem(text));
        }
        catch (Exception e) when (e is KeyFormatException or CryptographicException or ArgumentException)
        {
            throw new KeyFormatException($"'{name}' is no PEM public key of RSA (2048 bits or more) or P-256: {e.Message}", e);
        }
    }

    private static JsonWebKey FromPem(string text)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(text);
            RSAParameters numbers = rsa.ExportParameters(includePrivateParameters: false);
            return new JsonWebKey
            {
                Kty = JsonWebAlgorithmsKeyTypes.RSA,
                N = Base64Url.EncodeToString(numbers.Modulus),
                E = Base64Url.EncodeToString(numbers.Exponent),
            };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return FromEllipticCurvePem(text);
        }
    }

    private static JsonWebKey FromEllipticCurvePem(string text)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(text);
        ECParameters numbers = ecdsa.ExportParameters(includePrivateParameters: false);
        return new JsonWebKey
        {
            Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
            Crv = numbers.Curve.Oid.Value == P256 ? JsonWebKeyECTypes.P256 : numbers.Curve.Oid.FriendlyName,
            X = Base64Url.EncodeToString(numbers.Q.X),
            Y = Base64Url.EncodeToString(numbers.Q.Y),
        };
    }
}
