using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Presence.Server.Security;

/// <summary>The file of <c>Presence:Auth:SigningKeyFile</c>: an HS256 secret (see <see cref="SigningSecret"/>) or a PEM public key.</summary>
internal static class VerificationKeyFile
{
    private const string PemStart = "-----BEGIN ";

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
            throw new KeyFormatException($"'{name}' is a private key. The server only verifies: give it the public key ('openssl pkey -pubout').");
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

    // By its numbers, not by the key object: each pooled provider then makes its own, because key objects are not for many threads.
    private static JsonWebKey FromPem(string text)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(text);
            return JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(text);
            return JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(ecdsa));
        }
    }
}
