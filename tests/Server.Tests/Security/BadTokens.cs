using System.Security.Cryptography;
using System.Text;
using Presence.Server.Security;
using static Presence.Server.Security.TokenRejectionReason;

namespace Presence.Server.Tests.Security;

/// <summary>Tokens that must be refused by a server with one key of each algorithm, issuer <c>id</c> and audience <c>presence</c>.</summary>
internal static class BadTokens
{
    private const string Parties = ""","iss":"id","aud":"presence" """;
    private static readonly string _good = Hs(Payload());
    private static readonly RSA _offeredKey = RSA.Create(2048);

    public static readonly Dictionary<string, (string? Token, TokenRejectionReason Reason)> All = new()
    {
        ["null"] = (null, Missing),
        ["empty"] = ("", Missing),

        // Shape.
        ["blank"] = ("   ", Malformed),
        ["no dots"] = ("abc", Malformed),
        ["only dots"] = ("..", Malformed),
        ["two parts"] = (_good[.._good.LastIndexOf('.')], Malformed),
        ["no signature"] = (_good[..(_good.LastIndexOf('.') + 1)], Malformed),
        ["four parts"] = (_good + ".x", Malformed),
        ["five parts, encrypted"] = ("a.b.c.d.e", Malformed),
        ["no header"] = (_good[_good.IndexOf('.')..], Malformed),
        ["a space behind"] = (_good + " ", Malformed),
        ["a line feed inside"] = (_good.Insert(20, "\n"), Malformed),
        ["padding"] = (_good + "=", Malformed),
        ["base64, not base64url"] = (_good.Insert(20, "+"), Malformed),
        ["not ASCII"] = (_good.Insert(20, "ä"), Malformed),
        ["with Bearer"] = ("Bearer " + _good, Malformed),
        ["header is no JSON"] = ($"{Jwt.Encode("hello")}.{Jwt.Encode(Payload())}.AAAA", Malformed),
        ["header is an array"] = ($"{Jwt.Encode("[]")}.{Jwt.Encode(Payload())}.AAAA", Malformed),
        ["header is null"] = ($"{Jwt.Encode("null")}.{Jwt.Encode(Payload())}.AAAA", Malformed),
        ["payload is no JSON"] = (Hs("hello"), Malformed),
        ["payload is a text"] = (Hs("\"hello\""), Malformed),
        ["payload is cut"] = (Hs("""{"sub":"42","exp":"""), Malformed),
        ["payload is deep"] = (Hs(Payload(more: ""","x":""" + new string('[', 2_000) + new string(']', 2_000))), Malformed),
        ["too long"] = (Hs(Payload(more: $$""","x":"{{new string('x', 8_192)}}" """)), TooLong),
        ["very long"] = (new string('A', 10_000_000), TooLong),

        // Algorithm.
        ["alg none, no signature"] = ($"{Jwt.Encode("""{"alg":"none"}""")}.{Jwt.Encode(Payload())}.", Malformed),
        ["alg none"] = (Unsigned("none"), AlgorithmNotAllowed),
        ["alg None"] = (Unsigned("None"), AlgorithmNotAllowed),
        ["alg NONE"] = (Unsigned("NONE"), AlgorithmNotAllowed),
        ["alg nOnE"] = (Unsigned("nOnE"), AlgorithmNotAllowed),
        ["alg empty"] = (Unsigned(""), AlgorithmNotAllowed),
        ["alg missing"] = ($"{Jwt.Encode("""{"typ":"JWT"}""")}.{Jwt.Encode(Payload())}.AAAA", AlgorithmNotAllowed),
        ["alg is a number"] = ($"{Jwt.Encode("""{"alg":256}""")}.{Jwt.Encode(Payload())}.AAAA", Malformed),
        ["alg hs256"] = (Jwt.Hs256(Payload(), header: """{"alg":"hs256"}"""), AlgorithmNotAllowed),
        ["alg HS512"] = (Jwt.Sign("""{"alg":"HS512"}""", Payload(), c => HMACSHA512.HashData(Jwt.Secret, c)), AlgorithmNotAllowed),
        ["alg PS256"] = (Jwt.Sign("""{"alg":"PS256"}""", Payload(), c => Jwt.Rsa.SignData(c, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)), AlgorithmNotAllowed),
        ["signed with the public RSA key as secret, PEM"] = (Jwt.Hs256(Payload(), Encoding.ASCII.GetBytes(Jwt.Rsa.ExportSubjectPublicKeyInfoPem())), BadSignature),
        ["signed with the public RSA key as secret, DER"] = (Jwt.Hs256(Payload(), Jwt.Rsa.ExportSubjectPublicKeyInfo()), BadSignature),
        ["signed with the public EC key as secret"] = (Jwt.Hs256(Payload(), Jwt.Ec.ExportSubjectPublicKeyInfo()), BadSignature),
        ["HMAC said to be RS256"] = (Jwt.Hs256(Payload(), header: """{"alg":"RS256"}"""), BadSignature),
        ["HMAC said to be ES256"] = (Jwt.Hs256(Payload(), header: """{"alg":"ES256"}"""), BadSignature),
        ["RSA said to be ES256"] = (Jwt.Rs256(Payload(), header: """{"alg":"ES256"}"""), BadSignature),
        ["crit"] = (Jwt.Hs256(Payload(), header: """{"alg":"HS256","crit":["exp"]}"""), Malformed),
        ["b64 false"] = (Jwt.Hs256(Payload(), header: """{"alg":"HS256","b64":false,"crit":["b64"]}"""), Malformed),
        ["an id token by type"] = (Jwt.Hs256(Payload(), header: """{"alg":"HS256","typ":"logout+jwt"}"""), WrongType),

        // Signature.
        ["another secret"] = (Jwt.Hs256(Payload(), Jwt.OtherSecret), BadSignature),
        ["another RSA key"] = (Jwt.Rs256(Payload(), RSA.Create(2048)), BadSignature),
        ["another EC key"] = (Jwt.Es256(Payload(), ECDsa.Create(ECCurve.NamedCurves.nistP256)), BadSignature),
        ["all-zero ES256 signature"] = (Jwt.Sign("""{"alg":"ES256"}""", Payload(), static _ => new byte[64]), BadSignature),
        ["DER ES256 signature"] = (Jwt.Sign("""{"alg":"ES256"}""", Payload(), static c => Jwt.Ec.SignData(c, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)), BadSignature),
        ["signature cut by a byte"] = (Jwt.Sign("""{"alg":"HS256"}""", Payload(), static c => HMACSHA256.HashData(Jwt.Secret, c)[..31]), BadSignature),
        ["signature cut to a byte"] = (Jwt.Sign("""{"alg":"HS256"}""", Payload(), static c => HMACSHA256.HashData(Jwt.Secret, c)[..1]), BadSignature),
        ["signature with a byte more"] = (Jwt.Sign("""{"alg":"HS256"}""", Payload(), static c => [.. HMACSHA256.HashData(Jwt.Secret, c), 0]), BadSignature),
        ["signature in another spelling"] = (OtherSpelling(_good), BadSignature),
        ["signature of one character"] = (_good[..(_good.LastIndexOf('.') + 2)], BadSignature),
        ["payload of another token"] = (WithPayload(_good, Payload("43")), BadSignature),
        ["key offered by the token"] = (Jwt.Rs256(Payload(), _offeredKey, $$"""{"alg":"RS256","jwk":{{Jwt.JwkOf(_offeredKey, "own")}}}"""), BadSignature),
        ["key set offered by the token"] = (Jwt.Rs256(Payload(), _offeredKey, """{"alg":"RS256","jku":"http://127.0.0.1:1/jwks","x5u":"http://127.0.0.1:1/cert"}"""), BadSignature),
        ["kid is a path"] = (Jwt.Hs256(Payload(), [], """{"alg":"HS256","kid":"../../../dev/null"}"""), UnknownKey),
        ["kid is SQL"] = (Jwt.Hs256(Payload(), Jwt.OtherSecret, """{"alg":"HS256","kid":"' OR 1=1 --"}"""), UnknownKey),

        // Times.
        ["expired a second ago"] = (Hs(Payload(expiry: Jwt.At(-1))), Expired),
        ["expires now"] = (Hs(Payload(expiry: Jwt.At(0))), Expired),
        ["expired in 1970"] = (Hs(Payload(expiry: 0)), Expired),
        ["exp missing"] = (Hs($$"""{"sub":"42"{{Parties}}}"""), Malformed),
        ["exp null"] = (Hs($$"""{"sub":"42","exp":null{{Parties}}}"""), Malformed),
        ["exp is a word"] = (Hs($$"""{"sub":"42","exp":"tomorrow"{{Parties}}}"""), Malformed),
        ["exp is negative"] = (Hs(Payload(expiry: -1)), Malformed),
        ["exp in the year 10000"] = (Hs(Payload(expiry: 253_402_300_800)), Malformed),
        ["exp in milliseconds"] = (Hs(Payload(expiry: Jwt.Now.ToUnixTimeMilliseconds() * 1_000)), Malformed),
        ["exp is 2^63"] = (Hs($$"""{"sub":"42","exp":9223372036854775808{{Parties}}}"""), Malformed),
        ["exp is 1e400"] = (Hs($$"""{"sub":"42","exp":1e400{{Parties}}}"""), Malformed),
        ["nbf beyond the skew"] = (Hs(Payload(more: $$""","nbf":{{Jwt.At(6)}}""")), NotYetValid),
        ["nbf is an object"] = (Hs(Payload(more: ""","nbf":{}""")), Malformed),
        ["iat beyond the skew"] = (Hs(Payload(more: $$""","iat":{{Jwt.At(6)}}""")), NotYetValid),
        ["iat is an array"] = (Hs(Payload(more: ""","iat":[1]""")), Malformed),

        // Parties.
        ["iss missing"] = (Jwt.Hs256(Jwt.Payload(more: ""","aud":"presence" """)), WrongIssuer),
        ["iss of another"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"evil","aud":"presence" """)), WrongIssuer),
        ["iss in another case"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"ID","aud":"presence" """)), WrongIssuer),
        ["iss only begins so"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"id.evil","aud":"presence" """)), WrongIssuer),
        ["aud missing"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"id" """)), WrongAudience),
        ["aud of another"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"id","aud":"mail" """)), WrongAudience),
        ["aud of several others"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"id","aud":["mail","presence2"]""")), WrongAudience),
        ["aud empty"] = (Jwt.Hs256(Jwt.Payload(more: ""","iss":"id","aud":[]""")), WrongAudience),

        // Subject and the rest.
        ["sub missing"] = (Hs($$"""{"exp":{{Jwt.At(60)}}{{Parties}}}"""), BadSubject),
        ["sub null"] = (Hs($$"""{"sub":null,"exp":{{Jwt.At(60)}}{{Parties}}}"""), BadSubject),
        ["sub empty"] = (Hs(Payload("")), BadSubject),
        ["sub 0"] = (Hs(Payload("0")), BadSubject),
        ["sub -1"] = (Hs(Payload("-1")), BadSubject),
        ["sub +1"] = (Hs(Payload("+1")), BadSubject),
        ["sub 2^63"] = (Hs(Payload("9223372036854775808")), BadSubject),
        ["sub 2^64 + 1"] = (Hs(Payload("18446744073709551617")), BadSubject),
        ["sub abc"] = (Hs(Payload("abc")), BadSubject),
        ["sub hexadecimal"] = (Hs(Payload("0x2a")), BadSubject),
        ["sub with a leading zero"] = (Hs(Payload("042")), BadSubject),
        ["sub with a space"] = (Hs(Payload(" 42")), BadSubject),
        ["sub with a zero character behind"] = (Hs(Payload("42\\u0000")), BadSubject),
        ["sub with a point"] = (Hs(Payload("42.0")), BadSubject),
        ["sub with an exponent"] = (Hs(Payload("1e3")), BadSubject),
        ["sub in Arabic digits"] = (Hs(Payload("٤٢")), BadSubject),
        ["sub is an array"] = (Hs($$"""{"sub":["42"],"exp":{{Jwt.At(60)}}{{Parties}}}"""), Malformed),
        ["jti too long"] = (Hs(Payload(more: $$""","jti":"{{new string('j', 256)}}" """)), Malformed),
        ["scope is an array"] = (Hs(Payload(more: ""","scope":["presence:admin"]""")), Malformed),
        ["scope is an object"] = (Hs(Payload(more: ""","scope":{"presence:admin":true}""")), Malformed),
    };

    public static TokenRules Rules => Validator.Rules with { Issuer = "id", Audience = "presence" };

    public static string Payload(string subject = "42", long? expiry = null, string more = "") => Jwt.Payload(subject, expiry, Parties + more);

    private static string Hs(string payload) => Jwt.Hs256(payload);

    private static string Unsigned(string algorithm) =>
        Jwt.Hs256(Payload(), header: $$"""{"alg":"{{algorithm}}","typ":"JWT"}""");

    private static string WithPayload(string token, string payload)
    {
        string[] parts = token.Split('.');
        return $"{parts[0]}.{Jwt.Encode(payload)}.{parts[2]}";
    }

    // 43 characters hold 258 bits, the signature has 256: flipping one of the two unused ones decodes to the same bytes.
    private static string OtherSpelling(string token)
    {
        const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token[..^1] + Digits[Digits.IndexOf(token[^1], StringComparison.Ordinal) ^ 1];
    }
}
