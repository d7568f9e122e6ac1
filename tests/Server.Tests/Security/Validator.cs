using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

/// <summary>Validators whose clock stands at <see cref="Jwt.Now"/>.</summary>
internal static class Validator
{
    public static readonly TokenRules Rules = new(
        MaxBytes: 8_192, VerificationKey.Algorithms, Issuer: "", Audience: "", ClockSkew: TimeSpan.FromSeconds(5), MaxLifetime: TimeSpan.Zero);

    /// <summary>One key of each algorithm, without ids.</summary>
    public static TokenValidator Create(TokenRules? rules = null) => new(
        Ring([
            VerificationKey.FromSecret(Jwt.Secret),
            VerificationKeyFile.Parse(Jwt.Rsa.ExportSubjectPublicKeyInfoPem(), "rsa"),
            VerificationKeyFile.Parse(Jwt.Ec.ExportSubjectPublicKeyInfoPem(), "ec"),
        ]),
        rules ?? Rules,
        new FakeTimeProvider(Jwt.Now));

    public static TokenValidator Create(KeyRing ring) => new(ring, Rules, new FakeTimeProvider(Jwt.Now));

    public static KeyRing Ring(IEnumerable<VerificationKey> keys, IJwksSource? source = null, TimeProvider? time = null) =>
        new(keys, source, TimeSpan.FromMinutes(5), time ?? new FakeTimeProvider(Jwt.Now), NullLogger<KeyRing>.Instance);

    public static TokenIdentity Accept(this TokenValidator validator, string token)
    {
        Assert.True(validator.TryValidate(token, out TokenIdentity? identity, out TokenRejection? rejection), rejection?.Message);
        Assert.Null(rejection);
        return identity;
    }

    public static TokenRejection Refuse(this TokenValidator validator, string? token)
    {
        Assert.False(validator.TryValidate(token, out TokenIdentity? identity, out TokenRejection? rejection), "The token was accepted.");
        Assert.Null(identity);
        return rejection;
    }
}
