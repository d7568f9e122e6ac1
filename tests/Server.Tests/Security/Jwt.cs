using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Presence.Server.Tests.Security;

/// <summary>Makes tokens of any header and payload, right or wrong, and the keys for them.</summary>
internal static class Jwt
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];
    public static readonly byte[] OtherSecret = [.. Enumerable.Range(101, 32).Select(static i => (byte)i)];
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>A second either side of what matters is enough: the clock of the tests stands still.</summary>
    public static long At(double seconds) => Now.AddSeconds(seconds).ToUnixTimeSeconds();

    public static string Payload(string subject = "42", long? expiry = null, string more = "") =>
        $$"""{"sub":"{{subject}}","exp":{{expiry ?? At(60)}}{{more}}}""";

    public static string Hs256(string payload, byte[]? secret = null, string header = """{"alg":"HS256","typ":"JWT"}""") =>
        Sign(header, payload, content => HMACSHA256.HashData(secret ?? Secret, content));

    public static string Rs256(string payload, RSA? key = null, string header = """{"alg":"RS256"}""") =>
        Sign(header, payload, content => (key ?? Rsa).SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public static string Es256(string payload, ECDsa? key = null, string header = """{"alg":"ES256"}""") =>
        Sign(header, payload, content => (key ?? Ec).SignData(content, HashAlgorithmName.SHA256));

    public static string Sign(string header, string payload, Func<byte[], byte[]> sign)
    {
        string content = $"{Encode(header)}.{Encode(payload)}";
        return $"{content}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(content)))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static string JwkOf(byte[] secret, string keyId) =>
        $$"""{"kty":"oct","kid":"{{keyId}}","alg":"HS256","k":"{{Base64Url.EncodeToString(secret)}}"}""";

    public static string JwkOf(RSA key, string keyId)
    {
        RSAParameters numbers = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","kid":"{{keyId}}","use":"sig","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}","e":"{{Base64Url.EncodeToString(numbers.Exponent)}}"}""";
    }

    public static string JwkOf(ECDsa key, string keyId, string curve = "P-256")
    {
        ECParameters numbers = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"EC","kid":"{{keyId}}","crv":"{{curve}}","x":"{{Base64Url.EncodeToString(numbers.Q.X)}}","y":"{{Base64Url.EncodeToString(numbers.Q.Y)}}"}""";
    }

    public static string KeySet(params string[] keys) => $$"""{"keys":[{{string.Join(',', keys)}}]}""";
}
