using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

public sealed class AuthRelationTests
{
    [Theory]
    [InlineData("HS512", "'HS512' is not one of HS256, RS256, ES256")]
    [InlineData("none", "'none' is not one of")]
    [InlineData("hs256", "'hs256' is not one of")]
    [InlineData(",", "is empty: no token could be valid")]
    public void Algorithms_are_among_the_known(string algorithms, string expected) =>
        Assert.Contains(expected, Load.Development(("Presence:Auth:Algorithms", algorithms)).OnlyError(), StringComparison.Ordinal);

    [Fact]
    public void Algorithms_are_a_list_in_either_form()
    {
        Assert.Equal(["ES256", "RS256"], Load.Development(("Presence:Auth:Algorithms", "ES256, RS256")).OrThrow().Auth.Algorithms);

        LoadedConfiguration array = Load.Development(("Presence:Auth:Algorithms:0", "ES256"), ("Presence:Auth:Algorithms:1", "RS256"));
        Assert.Equal(["ES256", "RS256"], array.OrThrow().Auth.Algorithms);
        Assert.Equal(new SettingValue("Presence:Auth:Algorithms", "ES256,RS256", "code"), array.Setting("Presence:Auth:Algorithms"));
    }

    [Fact]
    public void Only_one_key_set_is_named()
    {
        using var directory = new TemporaryDirectory();
        string file = directory.Write("jwks", """{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}""");

        Assert.Contains(
            "name one key set",
            Load.Production(("Presence:Auth:JwksFile", file), ("Presence:Auth:JwksUrl", "https://id.example/jwks")).OnlyError(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://id.example/jwks", "is not an https address")]
    [InlineData("file:///etc/jwks", "is not an https address")]
    [InlineData("id.example/jwks", "is not an https address")]
    [InlineData("https://user:secret@id.example/jwks", "carries a user name or password")]
    public void Key_set_address_is_safe(string url, string expected)
    {
        string error = Load.Production(("Presence:Auth:JwksUrl", url)).OnlyError();

        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://id.example/jwks")]
    [InlineData("http://localhost:5000/jwks")]
    [InlineData("http://127.0.0.1:5000/jwks")]
    public void Key_set_address_is_https_or_this_machine(string url) =>
        Assert.Empty(Load.Production(("Presence:Auth:JwksUrl", url)).Errors);

    [Theory]
    [InlineData("too short", "neither base64")]
    [InlineData("c2hvcnQ=", "a secret of 5 bytes; HS256 needs at least 32")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "is a private key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "is no PEM public key")]
    public void Key_file_that_does_not_load_is_an_error(string content, string expected)
    {
        using var directory = new TemporaryDirectory();

        string error = Load.Production(("Presence:Auth:SigningKeyFile", directory.Write("key", content))).OnlyError();

        Assert.StartsWith("Presence:Auth:SigningKeyFile: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_key_file_is_an_error_in_Development_too() =>
        Assert.Contains("cannot be read", Load.Development(("Presence:Auth:SigningKeyFile", "/no/such/file")).OnlyError(), StringComparison.Ordinal);

    [Fact]
    public void Key_whose_algorithm_is_not_allowed_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        string key = directory.Write("key", new string('A', 43));

        Assert.Contains(
            "has no key for RS256",
            Load.Production(("Presence:Auth:SigningKeyFile", key), ("Presence:Auth:Algorithms", "RS256")).OnlyError(),
            StringComparison.Ordinal);
    }
}
