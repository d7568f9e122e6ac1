using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class AdminTokenValidatorTests
{
    private readonly TokenValidator _users = Validator.Create();
    private readonly AdminTokenValidator _admin;

    public AdminTokenValidatorTests() => _admin = new AdminTokenValidator(
        Validator.Create(Validator.Ring([VerificationKey.FromSecret(Jwt.OtherSecret)])), _users);

    [Fact]
    public void Both_keys_open_it_with_the_scope()
    {
        foreach (byte[] secret in new[] { Jwt.Secret, Jwt.OtherSecret })
        {
            string token = new TokenMinter(secret).Mint(1, Jwt.Now, TimeSpan.FromMinutes(1), [AdminTokenValidator.Scope]);

            Assert.True(_admin.TryValidate(token, out TokenIdentity? identity, out _));
            Assert.Equal(1UL, identity.UserId);
        }
    }

    [Fact]
    public void Neither_key_opens_it_without()
    {
        foreach (byte[] secret in new[] { Jwt.Secret, Jwt.OtherSecret })
        {
            string token = new TokenMinter(secret).Mint(1, Jwt.Now, TimeSpan.FromMinutes(1), ["presence:administrator"]);

            Assert.False(_admin.TryValidate(token, out _, out TokenRejection? rejection));
            Assert.Equal(TokenRejectionReason.MissingScope, rejection.Reason);
        }
    }

    [Fact]
    public void Junk_does_not() =>
        Assert.False(_admin.TryValidate("junk", out _, out _));

    [Fact]
    public void Admin_secret_opens_no_session() =>
        _users.Refuse(new TokenMinter(Jwt.OtherSecret).Mint(1, Jwt.Now, TimeSpan.FromMinutes(1), [AdminTokenValidator.Scope]));
}
