using System.Text;
using CsCheck;
using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class ResumeTokensTests : IDisposable
{
    private static readonly ResumeSecrets _secrets = ResumeSecrets.Create(Jwt.Now);
    private readonly ResumeTokens _tokens = new(_secrets);

    [Fact]
    public void What_was_issued_is_read()
    {
        byte[] token = Issue(_tokens, userId: long.MaxValue, sessionId: ulong.MaxValue - 1, deviceId: "phone-1", tokenId: "t-1");

        Assert.True(_tokens.TryRead(token, Jwt.Now, out ResumeClaims claims, out ResumeRejection rejection));
        Assert.Equal(ResumeRejection.None, rejection);
        Assert.Equal((ulong)long.MaxValue, claims.UserId);
        Assert.Equal(ulong.MaxValue - 1, claims.SessionId);
        Assert.Equal("phone-1", Encoding.UTF8.GetString(claims.DeviceId));
        Assert.Equal("t-1", Encoding.UTF8.GetString(claims.TokenId));
        Assert.Equal(Jwt.At(-10), claims.IssuedAt);
        Assert.Equal(Jwt.At(60), claims.ExpiresAt);
    }

    [Fact]
    public void Any_claims_are_read_back() => Gen.Select(
            Gen.ULong, Gen.ULong, Gen.Long, Gen.Byte.Array[1, 255], Gen.Byte.Array[0, 255])
        .Sample((user, session, issuedAt, device, tokenId) =>
        {
            byte[] token = _tokens.Issue(new ResumeClaims
            {
                UserId = user,
                SessionId = session,
                IssuedAt = issuedAt,
                ExpiresAt = Jwt.At(1),
                DeviceId = device,
                TokenId = tokenId,
            });
            return _tokens.TryRead(token, Jwt.Now, out ResumeClaims claims, out _)
                && token.Length <= ResumeTokens.MaxBytes
                && claims.UserId == user && claims.SessionId == session && claims.IssuedAt == issuedAt && claims.ExpiresAt == Jwt.At(1)
                && claims.DeviceId.SequenceEqual(device) && claims.TokenId.SequenceEqual(tokenId);
        });

    [Fact]
    public void Changing_any_byte_makes_it_bad()
    {
        byte[] token = Issue(_tokens);
        for (int i = 0; i < token.Length; i++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                byte[] changed = [.. token];
                changed[i] ^= flip;
                Assert.False(_tokens.TryRead(changed, Jwt.Now, out ResumeClaims claims, out ResumeRejection rejection));
                Assert.Equal(i switch { 0 => ResumeRejection.Malformed, 1 => ResumeRejection.UnknownKey, _ => ResumeRejection.BadSignature }, rejection);
                Assert.Equal(0UL, claims.UserId);
            }
        }
    }

    [Fact]
    public void Any_other_length_is_bad()
    {
        byte[] token = Issue(_tokens);
        for (int length = 0; length < token.Length; length++)
        {
            Assert.False(_tokens.TryRead(token.AsSpan(0, length), Jwt.Now, out _, out _));
        }

        Assert.False(_tokens.TryRead([.. token, 0], Jwt.Now, out _, out _));
        Assert.False(_tokens.TryRead(new byte[ResumeTokens.MaxBytes + 1], Jwt.Now, out _, out ResumeRejection rejection));
        Assert.Equal(ResumeRejection.Malformed, rejection);
    }

    [Theory]
    [InlineData(59, "None")]
    [InlineData(60, "Expired")]
    [InlineData(3_600, "Expired")]
    public void It_is_valid_until_the_token_it_was_made_for_expires(int seconds, string expected)
    {
        _tokens.TryRead(Issue(_tokens), Jwt.Now.AddSeconds(seconds), out _, out ResumeRejection rejection);

        Assert.Equal(expected, rejection.ToString());
    }

    [Fact]
    public void Rotation_keeps_the_generation_before_and_forgets_older_ones()
    {
        byte[] token = Issue(_tokens);
        ResumeSecrets once = _secrets.Rotate(Jwt.Now);

        using var after = new ResumeTokens(once);
        using var afterTwo = new ResumeTokens(once.Rotate(Jwt.Now));

        Assert.True(after.TryRead(token, Jwt.Now, out _, out _));
        Assert.False(afterTwo.TryRead(token, Jwt.Now, out _, out ResumeRejection rejection));
        Assert.Equal(ResumeRejection.UnknownKey, rejection);
        Assert.False(_tokens.TryRead(Issue(after), Jwt.Now, out _, out rejection));
        Assert.Equal(ResumeRejection.UnknownKey, rejection);
    }

    [Fact]
    public void Another_server_with_the_same_generation_does_not_read_it()
    {
        using var other = new ResumeTokens(ResumeSecrets.Create(Jwt.Now));

        Assert.False(other.TryRead(Issue(_tokens), Jwt.Now, out _, out ResumeRejection rejection));
        Assert.Equal(ResumeRejection.BadSignature, rejection);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] token = Issue(_tokens);
        _tokens.TryRead(token, Jwt.Now, out _, out _);

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = _tokens.TryRead(token, Jwt.Now, out _, out _);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(read);
    }

    [Fact]
    public void Ids_that_do_not_fit_are_not_issued()
    {
        Assert.Throws<ArgumentException>(() => Issue(_tokens, deviceId: ""));
        Assert.Throws<ArgumentException>(() => Issue(_tokens, deviceId: new string('d', 256)));
        Assert.Throws<ArgumentException>(() => Issue(_tokens, tokenId: new string('t', 256)));
    }

    public void Dispose() => _tokens.Dispose();

    private static byte[] Issue(ResumeTokens tokens, ulong userId = 42, ulong sessionId = 1, string deviceId = "phone", string tokenId = "t") =>
        tokens.Issue(new ResumeClaims
        {
            UserId = userId,
            SessionId = sessionId,
            DeviceId = Encoding.UTF8.GetBytes(deviceId),
            TokenId = Encoding.UTF8.GetBytes(tokenId),
            IssuedAt = Jwt.At(-10),
            ExpiresAt = Jwt.At(60),
        });
}
