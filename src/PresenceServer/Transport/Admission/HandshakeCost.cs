using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Presence.Server.Transport.Admission;

/// <summary>
/// What a handshake costs on this machine, worked out from what can be timed in some milliseconds at the start: its hashes, and the signature of a TLS
/// certificate. The rest of it is system calls and code that runs cold, which on any machine takes about so many times as long.
/// </summary>
internal static class HandshakeCost
{
    // perf/run.sh: 8,100 sessions a CPU-second on a machine on which such a hash takes 2 µs (Micro handshakes).
    private const double WholeToHashes = 30;

    // A TLS handshake less its signature, by a session opened without it.
    private const double TlsToPlain = 4;

    // Micro handshakes: 10 us of a token with HS256, forged or not, where a hash takes 2 us; 110 us with ES256, of which the signature is all but that.
    private const double JudgementToHashes = 5;

    private const int Rounds = 5;
    private const int InRound = 64;

    /// <summary>CPU time of a session that is opened over TCP.</summary>
    public static TimeSpan Plain()
    {
        byte[] key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes), token = RandomNumberGenerator.GetBytes(96);
        byte[] mac = new byte[HMACSHA256.HashSizeInBytes];
        // One when the token is read, one when the next is issued.
        return WholeToHashes * 2 * Fastest(InRound, () => HMACSHA256.HashData(key, token, mac));
    }

    /// <summary>CPU time of the judgement of a token.</summary>
    /// <param name="withCurve">Keys of issuers are believed too: the slowest of their algorithms is that of a curve.</param>
    public static TimeSpan Judgement(bool withCurve)
    {
        byte[] key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes), token = RandomNumberGenerator.GetBytes(96);
        byte[] mac = new byte[HMACSHA256.HashSizeInBytes];
        TimeSpan parse = JudgementToHashes * Fastest(InRound, () => HMACSHA256.HashData(key, token, mac));
        if (!withCurve)
        {
            return parse;
        }

        using ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] signature = curve.SignData(token, HashAlgorithmName.SHA256);
        return parse + Fastest(1, () => curve.VerifyData(token, signature, HashAlgorithmName.SHA256));
    }

    /// <summary>CPU time of a session that is opened over TLS.</summary>
    /// <param name="plain">The same over TCP.</param>
    /// <param name="certificate">With its private key.</param>
    public static TimeSpan Tls(TimeSpan plain, X509Certificate2 certificate)
    {
        byte[] hash = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
        using ECDsa? curve = certificate.GetECDsaPrivateKey();
        using RSA? rsa = curve is null ? certificate.GetRSAPrivateKey() : null;
        TimeSpan signature = curve is not null ? Fastest(1, () => curve.SignHash(hash))
            : rsa is not null ? Fastest(1, () => rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pss))
            : TimeSpan.Zero;
        return ((1 + TlsToPlain) * plain) + signature;
    }

    /// <summary>What one time takes, in the best of some rounds: the first load and compile, and another thread may have the core in any of them.</summary>
    public static TimeSpan Fastest(int times, Action work)
    {
        TimeSpan fastest = TimeSpan.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++)
            {
                work();
            }

            TimeSpan took = Stopwatch.GetElapsedTime(began) / times;
            fastest = took < fastest ? took : fastest;
        }

        return fastest;
    }
}
