using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class TokenMinterTests
{
    [Fact]
    public void What_is_minted_is_accepted()
    {
        var minter = new TokenMinter(Jwt.Secret, issuer: "id", audience: "presence");

        string token = minter.Mint(7, Jwt.Now.AddMilliseconds(900), TimeSpan.FromMinutes(10), ["presence:admin", "presence:changes"], "t-7");

        TokenIdentity identity = Validator.Create(BadTokens.Rules).Accept(token);
        Assert.Equal(7UL, identity.UserId);
        Assert.Equal(Jwt.Now, identity.IssuedAt);
        Assert.Equal(Jwt.Now.AddMinutes(10), identity.ExpiresAt);
        Assert.Equal(["presence:admin", "presence:changes"], identity.Scopes);
        Assert.Equal("t-7", identity.TokenId);
    }

    [Fact]
    public void What_is_not_given_is_not_in_the_token()
    {
        TokenIdentity identity = Validator.Create().Accept(new TokenMinter(Jwt.Secret).Mint(1, Jwt.Now, TimeSpan.FromHours(1)));

        Assert.Empty(identity.Scopes);
        Assert.Null(identity.TokenId);
    }
}
