using System.Buffers.Binary;
using System.Security.Cryptography;
using Presence.Engine;

namespace Presence.Server.Security;

/// <summary>
/// Makes and reads resume tokens: what a valid JWT said, sealed with a key of this server, so that a reconnect storm costs one HMAC
/// each and nobody is looked up anywhere. They carry no scopes: whoever needs one shows the JWT.
/// </summary>
/// <remarks>
/// Layout of version 1, numbers big-endian:
/// <code>
///  0  1  version, 1
///  1  1  generation of the secret, its low 8 bits
///  2  8  user id
/// 10  8  session id
/// 18  8  iat, Unix seconds, 0 when the JWT has none
/// 26  8  exp, Unix seconds
/// 34  1  length of the device id, then the device id
///     1  length of the token id, then the token id
///    32  HMAC-SHA256 of all before
/// </code>
/// </remarks>
internal sealed class ResumeTokens(ResumeSecrets secrets) : IDisposable
{
    /// <summary>The longest token there can be; a longer text is refused unread.</summary>
    public const int MaxBytes = FixedBytes + 2 + (2 * byte.MaxValue) + MacBytes;

    private const byte Version = 1;
    private const int FixedBytes = 34;
    private const int MacBytes = HMACSHA256.HashSizeInBytes;

    private readonly ResumeKey _current = new(secrets.Current);
    private readonly ResumeKey? _previous = secrets.Previous is { } previous ? new ResumeKey(previous) : null;

    /// <summary>The token that says this. Allocates nothing but the token.</summary>
    /// <exception cref="ArgumentException">The device id is empty, or an id is longer than 255 bytes.</exception>
    public byte[] Issue(in ResumeClaims claims)
    {
        if (claims.DeviceId.Length is 0 or > byte.MaxValue || claims.TokenId.Length > byte.MaxValue)
        {
            throw new ArgumentException("A device id has 1 to 255 bytes and a token id at most 255.", nameof(claims));
        }

        byte[] token = new byte[FixedBytes + 2 + claims.DeviceId.Length + claims.TokenId.Length + MacBytes];
        Span<byte> body = token.AsSpan(0, token.Length - MacBytes);
        body[0] = Version;
        body[1] = _current.Generation;
        BinaryPrimitives.WriteUInt64BigEndian(body[2..], claims.UserId);
        BinaryPrimitives.WriteUInt64BigEndian(body[10..], claims.SessionId);
        BinaryPrimitives.WriteInt64BigEndian(body[18..], claims.IssuedAt);
        BinaryPrimitives.WriteInt64BigEndian(body[26..], claims.ExpiresAt);
        Span<byte> rest = WritePrefixed(body[FixedBytes..], claims.DeviceId);
        WritePrefixed(rest, claims.TokenId);
        _current.Sign(body, token.AsSpan(body.Length));
        return token;
    }

    /// <summary>How often a token was refused, and why.</summary>
    public Tally<ResumeRejection> Rejected { get; } = new();

    /// <summary>Reads a token made here. Allocates nothing; the time it takes does not tell how much of the signature is right.</summary>
    public bool TryRead(ReadOnlySpan<byte> token, DateTimeOffset now, out ResumeClaims claims, out ResumeRejection rejection)
    {
        rejection = Judge(token, now, out claims);
        if (rejection != ResumeRejection.None)
        {
            Rejected.Add(rejection);
        }

        return rejection == ResumeRejection.None;
    }

    private ResumeRejection Judge(ReadOnlySpan<byte> token, DateTimeOffset now, out ResumeClaims claims)
    {
        claims = default;
        ResumeRejection seal = CheckSeal(token);
        if (seal != ResumeRejection.None)
        {
            return seal;
        }

        ReadOnlySpan<byte> body = token[..^MacBytes];
        if (!TryReadPrefixed(body[FixedBytes..], out ReadOnlySpan<byte> deviceId, out ReadOnlySpan<byte> rest)
            || !TryReadPrefixed(rest, out ReadOnlySpan<byte> tokenId, out rest)
            || rest.Length > 0)
        {
            return ResumeRejection.Malformed;
        }

        claims = new ResumeClaims
        {
            UserId = BinaryPrimitives.ReadUInt64BigEndian(body[2..]),
            SessionId = BinaryPrimitives.ReadUInt64BigEndian(body[10..]),
            DeviceId = deviceId,
            TokenId = tokenId,
            IssuedAt = BinaryPrimitives.ReadInt64BigEndian(body[18..]),
            ExpiresAt = BinaryPrimitives.ReadInt64BigEndian(body[26..]),
        };
        return claims.ExpiresAt > now.ToUnixTimeSeconds() ? ResumeRejection.None : ResumeRejection.Expired;
    }

    public void Dispose()
    {
        _current.Dispose();
        _previous?.Dispose();
    }

    private ResumeRejection CheckSeal(ReadOnlySpan<byte> token)
    {
        if (token.Length is < FixedBytes + 2 + MacBytes or > MaxBytes || token[0] != Version)
        {
            return ResumeRejection.Malformed;
        }

        byte generation = token[1];
        ResumeKey? key = generation == _current.Generation ? _current : generation == _previous?.Generation ? _previous : null;
        if (key is null)
        {
            return ResumeRejection.UnknownKey;
        }

        Span<byte> expected = stackalloc byte[MacBytes];
        key.Sign(token[..^MacBytes], expected);
        return CryptographicOperations.FixedTimeEquals(expected, token[^MacBytes..]) ? ResumeRejection.None : ResumeRejection.BadSignature;
    }

    private static Span<byte> WritePrefixed(Span<byte> target, ReadOnlySpan<byte> bytes)
    {
        target[0] = (byte)bytes.Length;
        bytes.CopyTo(target[1..]);
        return target[(1 + bytes.Length)..];
    }

    private static bool TryReadPrefixed(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest)
    {
        bool fits = source.Length > 0 && source[0] < source.Length;
        bytes = fits ? source.Slice(1, source[0]) : default;
        rest = fits ? source[(1 + bytes.Length)..] : default;
        return fits;
    }
}
