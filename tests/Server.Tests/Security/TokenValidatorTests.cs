using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class TokenValidatorTests
{
    public static TheoryData<string> BadTokenNames => [.. BadTokens.All.Keys];

    [Theory]
    [MemberData(nameof(BadTokenNames))]
    public void Bad_token_is_refused_for_its_reason(string name)
    {
        (string? token, TokenRejectionReason reason) = BadTokens.All[name];

        TokenRejection rejection = Validator.Create(BadTokens.Rules).Refuse(token);

        Assert.Equal(reason, rejection.Reason);
        Assert.EndsWith(".", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Good_token_by_the_rules_of_the_bad_ones_is_accepted() =>
        Assert.Equal(42UL, Validator.Create(BadTokens.Rules).Accept(Jwt.Hs256(BadTokens.Payload())).UserId);

    [Fact]
    public void Of_an_expired_token_the_user_is_told_only_when_nothing_else_is_wrong()
    {
        TokenValidator validator = Validator.Create(BadTokens.Rules);

        Assert.True(validator.IsExpiredTokenOf(42, Jwt.Hs256(BadTokens.Payload(expiry: Jwt.At(-1)))));
        Assert.False(validator.IsExpiredTokenOf(43, Jwt.Hs256(BadTokens.Payload(expiry: Jwt.At(-1)))));
        Assert.False(validator.IsExpiredTokenOf(42, Jwt.Hs256(BadTokens.Payload())));
        Assert.False(validator.IsExpiredTokenOf(42, Jwt.Hs256(BadTokens.Payload(expiry: Jwt.At(-1)), Jwt.OtherSecret)));
        Assert.False(validator.IsExpiredTokenOf(42, Jwt.Hs256(Jwt.Payload(expiry: Jwt.At(-1)))));
        Assert.False(validator.IsExpiredTokenOf(42, Jwt.Hs256(BadTokens.Payload(expiry: Jwt.At(-1), more: $$""","nbf":{{Jwt.At(60)}}"""))));
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public void Each_algorithm_is_accepted_unless_the_list_leaves_it_out(string algorithm)
    {
        string token = algorithm switch
        {
            "HS256" => Jwt.Hs256(Jwt.Payload()),
            "RS256" => Jwt.Rs256(Jwt.Payload()),
            _ => Jwt.Es256(Jwt.Payload()),
        };

        Assert.Equal(42UL, Validator.Create().Accept(token).UserId);
        TokenRules without = Validator.Rules with { Algorithms = [.. VerificationKey.Algorithms.Except([algorithm])] };
        Assert.Equal(TokenRejectionReason.AlgorithmNotAllowed, Validator.Create(without).Refuse(token).Reason);
    }

    [Fact]
    public void Identity_is_what_the_token_says()
    {
        string payload = Jwt.Payload("9223372036854775807", more: $$""","iat":{{Jwt.At(-30)}},"jti":"t-1","scope":"presence:admin  presence:changes" """);

        TokenIdentity identity = Validator.Create().Accept(Jwt.Hs256(payload));

        Assert.Equal((ulong)long.MaxValue, identity.UserId);
        Assert.Equal(Jwt.Now.AddSeconds(60), identity.ExpiresAt);
        Assert.Equal(Jwt.Now.AddSeconds(-30), identity.IssuedAt);
        Assert.Equal("t-1", identity.TokenId);
        Assert.Equal(["presence:admin", "presence:changes"], identity.Scopes);
        Assert.True(identity.HasScope("presence:changes"));
        Assert.False(identity.HasScope("presence"));
    }

    [Fact]
    public void Identity_of_a_bare_token_has_nothing_more()
    {
        TokenIdentity identity = Validator.Create().Accept(Jwt.Hs256(Jwt.Payload("1")));

        Assert.Equal(1UL, identity.UserId);
        Assert.Empty(identity.Scopes);
        Assert.Null(identity.IssuedAt);
        Assert.Null(identity.TokenId);
    }

    [Theory]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"jwt"}""")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"HS256","typ":"application/at+jwt"}""")]
    [InlineData("""{"alg":"HS256","kid":"any"}""")]
    [InlineData("""{"alg":"HS256","kid":"","x":{"y":[1,2]}}""")]
    public void Header_may_have_what_does_no_harm(string header) =>
        Validator.Create().Accept(Jwt.Hs256(Jwt.Payload(), header: header));

    [Theory]
    [InlineData(""","nbf":{0}""")]
    [InlineData(""","iat":{0}""")]
    public void Clock_of_the_issuer_may_be_a_little_ahead(string claim) =>
        Validator.Create().Accept(Jwt.Hs256(Jwt.Payload(more: claim.Replace("{0}", Jwt.At(5).ToString(), StringComparison.Ordinal))));

    [Fact]
    public void Time_may_have_a_fraction() =>
        Assert.Equal(Jwt.Now.AddSeconds(60), Validator.Create().Accept(Jwt.Hs256($$"""{"sub":"42","exp":{{Jwt.At(60)}}.25}""")).ExpiresAt);

    [Fact]
    public void Hundred_years_are_accepted_unless_the_lifetime_is_limited()
    {
        string token = Lives(TimeSpan.FromDays(36_500));

        Validator.Create().Accept(token);
        TokenRules limited = Validator.Rules with { MaxLifetime = TimeSpan.FromDays(30) };
        Assert.Equal(TokenRejectionReason.LifetimeTooLong, Validator.Create(limited).Refuse(token).Reason);
        Validator.Create(limited).Accept(Lives(TimeSpan.FromDays(30)));
        // One that is older than it may live is not good again when little of its life is left, and one that does not say since when it lives never is.
        Assert.Equal(TokenRejectionReason.LifetimeTooLong, Validator.Create(limited).Refuse(Lives(TimeSpan.FromDays(1), TimeSpan.FromDays(-30))).Reason);
        Assert.Equal(TokenRejectionReason.LifetimeTooLong, Validator.Create(limited).Refuse(Jwt.Hs256(Jwt.Payload())).Reason);

        static string Lives(TimeSpan until, TimeSpan since = default) =>
            Jwt.Hs256(Jwt.Payload(expiry: Jwt.At(until.TotalSeconds), more: $",\"iat\":{Jwt.At(since.TotalSeconds)}"));
    }

    [Fact]
    public void Audience_may_be_one_of_several() =>
        Validator.Create(BadTokens.Rules).Accept(Jwt.Hs256(Jwt.Payload(more: ""","iss":"id","aud":["mail","presence"]""")));

    [Fact]
    public void Changing_any_character_makes_it_bad()
    {
        TokenValidator validator = Validator.Create();
        string token = Jwt.Hs256(Jwt.Payload());

        for (int i = 0; i < token.Length; i++)
        {
            validator.Refuse(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]);
        }
    }

    [Fact]
    public void Cutting_it_anywhere_makes_it_bad()
    {
        TokenValidator validator = Validator.Create();
        string token = Jwt.Es256(Jwt.Payload());

        for (int i = 0; i < token.Length; i++)
        {
            validator.Refuse(token[..i]);
        }
    }

    [Fact]
    public void Threads_do_not_disturb_each_other()
    {
        TokenValidator validator = Validator.Create();
        string[] good = [Jwt.Hs256(Jwt.Payload("1")), Jwt.Rs256(Jwt.Payload("2")), Jwt.Es256(Jwt.Payload("3"))];
        string bad = Jwt.Es256(Jwt.Payload(), header: """{"alg":"RS256"}""");

        Parallel.For(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            Assert.Equal((ulong)(i % 3) + 1, validator.Accept(good[i % 3]).UserId);
            validator.Refuse(bad);
        });
    }
}
