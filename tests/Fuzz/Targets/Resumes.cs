using System.Buffers.Binary;
using System.Security.Cryptography;
using Presence.Server.Security;

namespace Presence.Fuzz.Targets;

/// <summary>
/// Resume tokens. The first byte of the input says what the rest is: a token; the body of one, which is then sealed with the right key or with
/// another; or a body that is sealed and then changed. Only what carries the right HMAC is read, and what was read is issued again as the same bytes.
/// </summary>
internal static class Resumes
{
    private const byte Raw = 0;
    private const byte Sealed = 1;
    private const byte SealedByAnother = 2;
    private const byte Changed = 3;

    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
    private static readonly byte[] _secret = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];
    private static readonly ResumeTokens _tokens = new(new ResumeSecrets(new ResumeSecret(2, _now, _secret), new ResumeSecret(1, _now, [.. _secret.Reverse()])));

    // As docs say that keys are derived, written down a second time.
    private static readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, info: "presence resume token 1"u8.ToArray());
    private static readonly byte[] _otherKey = [.. _key.Reverse()];

    public static Target Target { get; } = new("resume-token", Judge, Seeds, [[1, 2], [1, 1], [1, 3], [0], [0xFF]], MaxBytes: 1_024);

    private static bool Judge(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        byte kind = (byte)(input[0] & 3);
        byte[] token = kind == Raw ? input[1..] : [.. input.AsSpan(1), .. HMACSHA256.HashData(kind == SealedByAnother ? _otherKey : _key, input.AsSpan(1))];
        if (kind == Changed)
        {
            token[((input[0] >> 2) + input[^1]) % token.Length] ^= (byte)(1 + (input[0] >> 2));
        }

        bool read = _tokens.TryRead(token, _now, out ResumeClaims claims, out ResumeRejection rejection);
        Oracle.Holds(read == (rejection == ResumeRejection.None), "a token is read and refused at once");
        if (!read)
        {
            return false;
        }

        Oracle.Holds(kind is Raw or Sealed, "a forged token is read");
        CheckRead(token, claims);
        return true;
    }

    private static void CheckRead(byte[] token, in ResumeClaims claims)
    {
        Oracle.Equal(HMACSHA256.HashData(_key, token.AsSpan(0, token.Length - 32)), token.AsSpan(token.Length - 32), "a token is read without its HMAC");
        Oracle.Holds(claims.ExpiresAt > _now.ToUnixTimeSeconds(), "a token is read that has expired");
        Oracle.Holds(claims.UserId == BinaryPrimitives.ReadUInt64BigEndian(token.AsSpan(2)), "a token is read as another user's");
        if (claims.DeviceId.Length > 0)
        {
            Oracle.Equal(token, _tokens.Issue(claims), "a token is issued as other bytes");
        }
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] token = _tokens.Issue(new ResumeClaims { UserId = 42, SessionId = 7, DeviceId = "phone"u8, TokenId = "t-1"u8, IssuedAt = 1_789_999_990, ExpiresAt = 1_790_000_060 });
        byte[] bare = _tokens.Issue(new ResumeClaims { UserId = long.MaxValue, SessionId = ulong.MaxValue, DeviceId = "d"u8, TokenId = [], IssuedAt = 0, ExpiresAt = 1_790_000_001 });
        foreach (byte[] one in new[] { token, bare })
        {
            yield return [Raw, .. one];
            yield return [Sealed, .. one[..^32]];
            yield return [SealedByAnother, .. one[..^32]];
            yield return [Changed, .. one[..^32]];
        }
    }
}
