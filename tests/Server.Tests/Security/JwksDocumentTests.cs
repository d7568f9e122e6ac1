using System.Security.Cryptography;
using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class JwksDocumentTests
{
    [Fact]
    public void Usable_keys_are_taken_and_others_named()
    {
        using var weak = RSA.Create(1024);
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string set = Jwt.KeySet(
            Jwt.JwkOf(Jwt.Rsa, "rsa"),
            Jwt.JwkOf(Jwt.Ec, "ec"),
            Jwt.JwkOf(Jwt.Secret, "secret"),
            Jwt.JwkOf(weak, "weak"),
            Jwt.JwkOf(otherCurve, "p384", "P-384"),
            Jwt.JwkOf(Jwt.Rsa, "enc").Replace("\"sig\"", "\"enc\"", StringComparison.Ordinal),
            Jwt.JwkOf(Jwt.Secret, "hs512").Replace("HS256", "HS512", StringComparison.Ordinal),
            Jwt.JwkOf(new byte[31], "short"),
            """{"kty":"EC","kid":"point","crv":"P-256","x":"AQ","y":"AQ"}""",
            """{"kty":"OKP","kid":"okp","crv":"Ed25519","x":"AQ"}""",
            """{"kid":"nothing"}""");

        JwksDocument document = JwksDocument.Parse(set, secretsAllowed: true);

        Assert.Equal([("rsa", "RS256"), ("ec", "ES256"), ("secret", "HS256")], document.Keys.Select(static k => (k.KeyId!, k.Algorithm)));
        Assert.Equal(["weak", "p384", "enc", "hs512", "short", "point", "okp", "nothing"], document.Ignored.Select(static i => i.Split('\'')[1]));
    }

    [Fact]
    public void Secrets_in_a_public_set_are_not_used()
    {
        JwksDocument document = JwksDocument.Parse(Jwt.KeySet(Jwt.JwkOf(Jwt.Ec, "ec"), Jwt.JwkOf(Jwt.Secret, "secret")), secretsAllowed: false);

        Assert.Equal("ec", Assert.Single(document.Keys).KeyId);
        Assert.Contains("it is a secret", Assert.Single(document.Ignored), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":"none"}""")]
    [InlineData("""{"keys":[{"kty":"OKP"}]}""")]
    [InlineData("""{"keys":[42]}""")]
    public void What_is_no_key_set_is_refused(string text) =>
        Assert.Throws<KeyFormatException>(() => JwksDocument.Parse(text, secretsAllowed: true));

    [Fact]
    public void Too_many_keys_are_refused()
    {
        string set = Jwt.KeySet([.. Enumerable.Range(0, 65).Select(static i => Jwt.JwkOf(Jwt.Secret, $"{i}"))]);

        Assert.Contains("at most 64", Assert.Throws<KeyFormatException>(() => JwksDocument.Parse(set, secretsAllowed: true)).Message, StringComparison.Ordinal);
    }
}
