using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Transport.Admission;

namespace Presence.Micro;

/// <summary>
/// <c>Micro handshakes</c>: what those parts of a handshake cost that admission rests on. A resume token that is read and one that is made, the look into a schedule that is full,
/// and what the machine is taken to be able to do.
/// </summary>
internal static class HandshakeRun
{
    private const int InRound = 100_000;

    public static int Run()
    {
        using var tokens = new ResumeTokens(ResumeSecrets.Create(DateTimeOffset.UnixEpoch));
        byte[] device = Encoding.UTF8.GetBytes(Guid.NewGuid().ToString()), id = Encoding.UTF8.GetBytes(Guid.NewGuid().ToString());
        byte[] token = Issue();
        Print("a resume token is read", Fastest(() => tokens.TryRead(token, DateTimeOffset.UnixEpoch, out _, out _)));
        Print("a resume token is made", Fastest(() => Issue()));
        var clock = new NodeClock(TimeProvider.System);
        var budget = new HandshakeBudget(1_000, 1_000, TimeSpan.FromMinutes(5), clock);
        ulong key = 0;
        Print("a slot of a full schedule is given", Fastest(() => budget.EnterSession(++key)));
        TimeSpan plain = HandshakeCost.Plain();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a session is taken to cost {plain.TotalMicroseconds:0} us: {1 / plain.TotalSeconds:0} a CPU-second"));
        PrintJudgements();
        TimeSpan judgement = HandshakeCost.Judgement(withCurve: false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a token's judgement is taken to cost {judgement.TotalMicroseconds:0} us, of a curve's {HandshakeCost.Judgement(withCurve: true).TotalMicroseconds:0} us"));
        return 0;

        byte[] Issue() => tokens.Issue(new ResumeClaims { UserId = 1, SessionId = 2, DeviceId = device, TokenId = id, IssuedAt = 3, ExpiresAt = long.MaxValue / 2 });
    }

    // With the key that is believed and with one that is not: a flood is of the latter.
    private static void PrintJudgements()
    {
        const int Few = 2_000;
        byte[] secret = new byte[32];
        using ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rules = new TokenRules(MaxBytes: 4_096, ["HS256", "ES256"], Issuer: "", Audience: "", ClockSkew: TimeSpan.Zero, MaxLifetime: TimeSpan.Zero);
        var keys = new KeyRing(
            [VerificationKey.FromSecret(secret), .. JwksDocument.Parse(KeySetOf(curve), secretsAllowed: false).Keys],
            source: null, Timeout.InfiniteTimeSpan, TimeProvider.System, NullLogger<KeyRing>.Instance);
        var validator = new TokenValidator(keys, rules, TimeProvider.System);
        string hashed = Signed("HS256", content => HMACSHA256.HashData(secret, content));
        string signed = Signed("ES256", content => curve.SignData(content, HashAlgorithmName.SHA256));
        string forged = hashed[..^8] + "AAAAAAAA";
        if (!validator.TryValidate(hashed, out _, out _) || !validator.TryValidate(signed, out _, out _) || validator.TryValidate(forged, out _, out _))
        {
            throw new InvalidOperationException("What is to be measured does not work.");
        }

        Print("a token with HS256 is judged", HandshakeCost.Fastest(Few, () => validator.TryValidate(hashed, out _, out _)));
        Print("one that is forged", HandshakeCost.Fastest(Few, () => validator.TryValidate(forged, out _, out _)));
        Print("a token with ES256 is judged", HandshakeCost.Fastest(Few, () => validator.TryValidate(signed, out _, out _)));
    }

    private static string KeySetOf(ECDsa curve)
    {
        ECPoint point = curve.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
    }

    private static string Signed(string algorithm, Func<byte[], byte[]> sign)
    {
        string content = Encode($$"""{"alg":"{{algorithm}}"}""") + "." + Encode($$"""{"sub":"42","exp":{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}}""");
        return content + "." + Base64Url.EncodeToString(sign(Encoding.UTF8.GetBytes(content)));

        static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
    }

    private static void Print(string what, TimeSpan each) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {each.TotalMicroseconds:0.00} us"));

    private static TimeSpan Fastest(Action work) => HandshakeCost.Fastest(InRound, work);
}
