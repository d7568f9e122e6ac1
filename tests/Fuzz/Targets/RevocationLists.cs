using System.Text;
using Presence.Protocol;
using Presence.Server.Security;
using Presence.Server.Security.Revoking;

namespace Presence.Fuzz.Targets;

/// <summary>Lists of revocations. Each entry names whom it concerns; what was read is written and read again as the same, its times to the millisecond.</summary>
internal static class RevocationLists
{
    private const int Most = 8;

    public static Target Target { get; } = new("revocations", Judge, Seeds, Words());

    private static bool Judge(byte[] input)
    {
        if (!TryRead(input, out IReadOnlyList<Revocation> read))
        {
            return false;
        }

        Oracle.Holds(read.Count <= Most && read.All(static one => one.Fault() is null), "a list has too many entries, or one that is faulty");
        Oracle.Holds(read.All(static one => (one.UserId is null || UserId.IsValid(one.UserId.Value)) && Encoding.UTF8.GetByteCount(one.Key) <= Revocation.MaxKeyBytes), "an entry has another key than one can have");
        Oracle.Holds(read.All(static one => one.TokenId is null || (one.TokenId.Length > 0 && one.UserId is null && one.IssuedBefore is null)), "an entry names a token and something else");
        Oracle.Holds(read.All(static one => one.TokenId is not null || one.UserId is not null || one.IssuedBefore is not null), "an entry names nobody");
        byte[] written = RevocationDocument.Format(read);
        Oracle.Holds(TryRead(written, out IReadOnlyList<Revocation> again) && read.Select(Cut).SequenceEqual(again), "a list is written as another one");
        return read.Count > 0;
    }

    private static bool TryRead(byte[] json, out IReadOnlyList<Revocation> revocations)
    {
        try
        {
            revocations = RevocationDocument.Parse(Encoding.UTF8.GetString(json), Most);
            return true;
        }
        catch (KeyFormatException)
        {
            revocations = [];
            return false;
        }
    }

    private static Revocation Cut(Revocation revocation) => revocation with
    {
        IssuedBefore = Cut(revocation.IssuedBefore),
        ExpiresAt = Cut(revocation.ExpiresAt),
        RevokedAt = Cut(revocation.RevokedAt),
    };

    private static DateTimeOffset? Cut(DateTimeOffset? time) =>
        time is { } one ? new DateTimeOffset(one.UtcTicks - (one.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero) : null;

    private static IEnumerable<byte[]> Seeds() =>
    [
        """{"revocations":[{"user_id":"7"},{"user_id":"8","issued_before":"2026-11-28T12:00:00Z"},{"token_id":"4f1c","expires_at":"2026-12-01T00:00:00.5+02:00"},{"issued_before":"2026-11-01T00:00:00Z","revoked_at":"2026-11-02"}]}"""u8.ToArray(),
        """{"revocations":[{"user_id":"7","token_id":"4f1c"}]}"""u8.ToArray(), """{"revocations":[]}"""u8.ToArray(), """{"revocations":[null]}"""u8.ToArray(), """{"revocations":[{"user_id":7}]}"""u8.ToArray(), """{"revocation":[]}"""u8.ToArray(), "null"u8.ToArray(), "["u8.ToArray(),
    ];

    private static byte[][] Words() =>
    [
        "\"user_id\":"u8.ToArray(), "\"token_id\":"u8.ToArray(), "\"issued_before\":"u8.ToArray(), "\"expires_at\":"u8.ToArray(), "\"revoked_at\":"u8.ToArray(), "\"7\""u8.ToArray(), "\"2026-11-28T12:00:00Z\""u8.ToArray(),
        "\"0001-01-01T00:00:00+14:00\""u8.ToArray(), "\"9999-12-31T23:59:59.9999999-14:00\""u8.ToArray(), "null"u8.ToArray(), "{}"u8.ToArray(), ","u8.ToArray(), "\\ud800"u8.ToArray(), "\\u0000"u8.ToArray(), [0xED, 0xA0, 0x80],
    ];
}
