using System.Globalization;
using System.Text;
using Presence.Server.Security;
using Presence.Server.Security.Revoking;
using Xunit;

namespace Presence.Server.Tests.Security.Revoking;

public sealed class RevocationDocumentTests
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 28, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void What_is_written_is_read()
    {
        Revocation[] all =
        [
            new() { UserId = 7, RevokedAt = s_time },
            new() { UserId = long.MaxValue, IssuedBefore = s_time },
            new() { TokenId = "ä\"x", ExpiresAt = s_time },
            new() { IssuedBefore = s_time },
        ];
        Assert.Equal(all, RevocationDocument.Parse(Encoding.UTF8.GetString(RevocationDocument.Format(all)), most: 4));
        Assert.Equal(["user/7", "issued-before/9223372036854775807", "token/ä\"x", "issued-before/all"], all.Select(static one => one.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"revocations": [null]}""")]
    [InlineData("""{"revocations": [{}]}""")]
    [InlineData("""{"revocations": [{"user_id": 7}]}""")]
    [InlineData("""{"revocations": [{"user_id": "0"}]}""")]
    [InlineData("""{"revocations": [{"user_id": "07"}]}""")]
    [InlineData("""{"revocations": [{"user": "7"}]}""")]
    [InlineData("""{"revocations": [{"token_id": ""}]}""")]
    [InlineData("""{"revocations": [{"token_id": "a", "user_id": "7"}]}""")]
    [InlineData("""{"revocations": [{"token_id": "a", "issued_before": "2026-11-28T12:00:00Z"}]}""")]
    [InlineData("""{"revocations": [{"issued_before": "yesterday"}]}""")]
    [InlineData("""{"revocations": [{"issued_before": 1}]}""")]
    [InlineData("""{"revocations": [{"user_id": "1"}, {"user_id": "2"}]}""")]
    [InlineData("""{"revocations": [{"user_id": "7"}]""")]
    public void What_is_wrong_is_refused_as_a_whole(string json) =>
        Assert.Throws<KeyFormatException>(() => RevocationDocument.Parse(json, most: 1));

    [Fact]
    public void A_token_id_that_no_token_can_have_is_refused() => Assert.Throws<KeyFormatException>(
        () => RevocationDocument.Parse($$"""{"revocations": [{"token_id": "{{new string('x', 256)}}"}]}""", most: 1));

    [Theory]
    [InlineData("a user, for ever", null, null)]
    [InlineData("a token, until the last like it is over", "01:00:05", "2026-11-28T13:00:05.250Z")]
    [InlineData("a token, for ever, as it may live as long", null, null)]
    [InlineData("issued before, an hour ago", "01:00:05", "2026-11-28T12:00:05.250Z")]
    [InlineData("expires", "01:00:05", "2026-11-28T12:30:00.250Z")]
    public void It_is_forgotten_when_no_token_it_concerns_can_be_valid(string what, string? longest, string? dropsAt)
    {
        Revocation revocation = what[0] switch
        {
            'i' => new() { UserId = 7, IssuedBefore = s_time.AddHours(-1), RevokedAt = s_time },
            'e' => new() { UserId = 7, ExpiresAt = s_time.AddMinutes(30), RevokedAt = s_time },
            _ when what.StartsWith("a user", StringComparison.Ordinal) => new() { UserId = 7, RevokedAt = s_time },
            _ => new() { TokenId = "a", RevokedAt = s_time },
        };
        DateTimeOffset? expected = dropsAt is null ? null : DateTimeOffset.Parse(dropsAt, CultureInfo.InvariantCulture);
        Assert.Equal(expected, revocation.DropsAt(longest is null ? null : TimeSpan.Parse(longest, CultureInfo.InvariantCulture)));
    }
}
