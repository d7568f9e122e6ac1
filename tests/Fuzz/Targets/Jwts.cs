using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Protocol;
using Presence.Server.Security;

namespace Presence.Fuzz.Targets;

/// <summary>
/// JWTs. The first byte of the input says what the rest is: a token; or header and payload in JSON, a zero byte between them, which are then signed with the
/// right key, with another key, or with the right one and changed. Only what carries the right HMAC is believed, and of it only what a plain reading of
/// the payload says.
/// </summary>
internal static class Jwts
{
    private const byte Raw = 0;
    private const byte Signed = 1;
    private const byte SignedByAnother = 2;
    private const byte Changed = 3;

    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
    private static readonly byte[] _secret = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];
    private static readonly byte[] _otherSecret = [.. Enumerable.Range(101, 32).Select(static i => (byte)i)];
    private static readonly TokenRules _rules = new(8_192, VerificationKey.Algorithms, "", "", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    // The public key is that of RFC 7515, A.3: a token that says ES256 meets a key, and no signature of ours fits it.
    private static readonly TokenValidator _validator = new(
        new KeyRing(
            [VerificationKey.FromSecret(_secret), .. JwksDocument.Parse("""{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""", secretsAllowed: false).Keys],
            source: null, TimeSpan.FromMinutes(5), TimeProvider.System, NullLogger<KeyRing>.Instance),
        _rules,
        new StandingClock(_now));

    public static Target Target { get; } = new("jwt", Judge, Seeds, Words());

    private static bool Judge(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        byte kind = (byte)(input[0] & 3);
        string token = kind == Raw ? Encoding.Latin1.GetString(input.AsSpan(1)) : Sign(input.AsSpan(1), kind == SignedByAnother ? _otherSecret : _secret);
        token = kind == Changed ? Change(token, input) : token;
        bool accepted = _validator.TryValidate(token, out TokenIdentity? identity, out TokenRejection? rejection);
        Oracle.Holds(accepted == identity is not null && accepted == rejection is null, "there is not either an identity or a rejection");
        if (accepted)
        {
            Oracle.Holds(kind is Raw or Signed, "a forged token is believed");
            CheckSignature(token);
            CheckClaims(token, identity!);
        }

        return accepted;
    }

    private static string Sign(ReadOnlySpan<byte> parts, byte[] secret)
    {
        int zero = parts.IndexOf((byte)0);
        ReadOnlySpan<byte> header = zero < 0 ? """{"alg":"HS256"}"""u8 : parts[..zero];
        string content = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(parts[(zero + 1)..])}";
        return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content)))}";
    }

    // One character becomes another one that base64url knows.
    private static string Change(string token, byte[] input)
    {
        const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        char[] changed = token.ToCharArray();
        int at = ((input[0] >> 2) + (input[^1] << 6)) % changed.Length;
        changed[at] = Characters[(Math.Max(0, Characters.IndexOf(changed[at])) + 1 + (input[0] >> 2)) % Characters.Length];
        return changed.AsSpan().SequenceEqual(token) ? token + "A" : new string(changed);
    }

    private static void CheckSignature(string token)
    {
        int end = token.LastIndexOf('.');
        byte[] expected = HMACSHA256.HashData(_secret, Encoding.ASCII.GetBytes(token[..end]));
        Oracle.Holds(token[(end + 1)..] == Base64Url.EncodeToString(expected), "a token is believed without its HMAC");
        using JsonDocument header = Part(token, 0);
        Oracle.Holds(header.RootElement.GetProperty("alg").GetString() == "HS256", "a token is believed whose header says another algorithm");
        Oracle.Holds(!header.RootElement.TryGetProperty("crit", out _), "a token is believed that demands what is not known");
    }

    private static void CheckClaims(string token, TokenIdentity identity)
    {
        using JsonDocument payload = Part(token, 1);
        JsonElement claims = payload.RootElement;
        Oracle.Holds(Names(claims.GetProperty("sub"), identity.UserId), "a token is believed for another user than its sub");
        Oracle.Holds(identity.ExpiresAt > _now && Same(SecondsOf(claims, "exp"), identity.ExpiresAt), "a token is believed beyond its exp");
        Oracle.Holds(Same(SecondsOf(claims, "iat"), identity.IssuedAt), "a token has another iat than it says");
        Oracle.Holds((SecondsOf(claims, "nbf") ?? 0) <= (_now + _rules.ClockSkew).ToUnixTimeSeconds() + 1, "a token is believed before its nbf");
        string scope = claims.TryGetProperty("scope", out JsonElement value) ? value.GetString()! : "";
        Oracle.Holds(scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).SequenceEqual(identity.Scopes), "a token has other scopes than it says");
    }

    // The library reads a value, and leaves what is behind it.
    private static JsonDocument Part(string token, int number)
    {
        var reader = new Utf8JsonReader(Base64Url.DecodeFromChars(token.Split('.')[number]));
        return JsonDocument.ParseValue(ref reader);
    }

    // A number is read by the library as it likes: 4e2 is 400.
    private static bool Names(JsonElement subject, ulong userId) => subject.ValueKind == JsonValueKind.String
        ? UserId.TryParse(subject.GetString(), out ulong said) && said == userId
        : subject.GetDouble() == userId;

    // Numbers and texts of digits are the same to the library.
    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static double? SecondsOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out JsonElement value) ? double.Parse(TextOf(value), CultureInfo.InvariantCulture) : null;

    // Whole seconds; the library rounds some and cuts others.
    private static bool Same(double? seconds, DateTimeOffset? time) =>
        seconds is { } said && time is { } read ? Math.Abs(said - read.ToUnixTimeSeconds()) <= 1 : seconds is null && time is null;

    private static IEnumerable<byte[]> Seeds()
    {
        const string Header = """{"alg":"HS256","typ":"JWT"}""";
        string[] payloads =
        [
            """{"sub":"42","exp":1790000060}""",
            """{"sub":"9223372036854775807","exp":1790000060,"iat":1790000000,"nbf":1789999000,"jti":"t-1","scope":"presence:admin presence:gateway"}""",
            """{"sub":"42","exp":1790000060.5,"iss":"a","aud":["b","c"]}""",
            """{"sub":42,"exp":"1790000060"}""", """{"sub":"042","exp":1e10}""", """{"sub":"42","exp":1789999999}""", """{"exp":[],"sub":{}}""", """{"sub":"42\u0000","exp":1790000060}""", "[]",
        ];
        foreach (string payload in payloads)
        {
            yield return [Signed, .. Encoding.UTF8.GetBytes($"{Header}\0{payload}")];
        }

        foreach (string header in new[] { """{"alg":"none"}""", """{"alg":"ES256"}""", """{"alg":"HS256","crit":["a"]}""", """{"alg":"HS256","kid":"k","typ":"at+jwt"}""", """{"alg":"HS256","alg":"none"}""" })
        {
            yield return [Signed, .. Encoding.UTF8.GetBytes($"{header}\0{payloads[0]}")];
        }

        yield return [SignedByAnother, .. Encoding.UTF8.GetBytes($"{Header}\0{payloads[0]}")];
        yield return [Changed, .. Encoding.UTF8.GetBytes($"{Header}\0{payloads[0]}")];
        yield return [Raw, .. Encoding.ASCII.GetBytes(new TokenMinter(_secret).Mint(42, _now, TimeSpan.FromMinutes(1), ["presence:changes"], "t-2"))];
        yield return [Raw, .. "eyJhbGciOiJub25lIn0.e30.AA"u8];
    }

    private static byte[][] Words() =>
    [
        "\"sub\":"u8.ToArray(), "\"exp\":"u8.ToArray(), "\"nbf\":"u8.ToArray(), "\"iat\":"u8.ToArray(), "\"scope\":"u8.ToArray(), "\"jti\":"u8.ToArray(), "\"aud\":"u8.ToArray(), "\"iss\":"u8.ToArray(),
        "\"alg\":"u8.ToArray(), "\"kid\":"u8.ToArray(), "\"typ\":"u8.ToArray(), "\"crit\":"u8.ToArray(), "\"enc\":"u8.ToArray(), "\"42\""u8.ToArray(), "1790000060"u8.ToArray(), "1e400"u8.ToArray(), "-1"u8.ToArray(),
        "18446744073709551616"u8.ToArray(), "null"u8.ToArray(), "true"u8.ToArray(), "[]"u8.ToArray(), "{}"u8.ToArray(), ","u8.ToArray(), "\\u0000"u8.ToArray(), "\\ud800"u8.ToArray(), [0xED, 0xA0, 0x80], "."u8.ToArray(), "="u8.ToArray(),
    ];

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
