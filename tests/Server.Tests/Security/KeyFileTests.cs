using System.Security.Cryptography;
using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class KeyFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void Secret_is_made_once_and_only_its_owner_reads_it()
    {
        string path = _directory["data/signing-key"];

        byte[] made = SigningSecret.ReadOrCreate(path);

        Assert.Equal(32, made.Length);
        Assert.Equal(made, SigningSecret.ReadOrCreate(path));
        Assert.Equal([path], Directory.GetFiles(_directory["data"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void Secret_that_is_damaged_is_not_replaced()
    {
        string path = _directory.Write("signing-key", "???");

        Assert.Throws<KeyFormatException>(() => SigningSecret.ReadOrCreate(path));
        Assert.Equal("???", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")]
    [InlineData("  AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n")]
    public void Secret_is_read_in_either_base64(string text) =>
        Assert.Equal(Jwt.Secret, SigningSecret.Parse(text, "key"));

    [Fact]
    public void Secret_with_all_bits_set_is_the_same_in_both_alphabets() =>
        Assert.Equal(SigningSecret.Parse(new string('/', 43)[..42] + "8", "key"), SigningSecret.Parse(new string('_', 43)[..42] + "8", "key"));

    [Fact]
    public void Pem_of_each_kind_is_for_its_algorithm()
    {
        Assert.Equal("RS256", VerificationKeyFile.Parse(Jwt.Rsa.ExportSubjectPublicKeyInfoPem(), "key").Algorithm);
        Assert.Equal("RS256", VerificationKeyFile.Parse(Jwt.Rsa.ExportRSAPublicKeyPem(), "key").Algorithm);
        Assert.Equal("ES256", VerificationKeyFile.Parse(Jwt.Ec.ExportSubjectPublicKeyInfoPem(), "key").Algorithm);
        Assert.Equal("HS256", VerificationKeyFile.Parse(new string('A', 43), "key").Algorithm);
    }

    [Fact]
    public void Weak_and_private_keys_are_refused()
    {
        using var weak = RSA.Create(1024);
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Contains("less than 2048 bits", Refused(weak.ExportSubjectPublicKeyInfoPem()), StringComparison.Ordinal);
        Assert.Contains("curve is not P-256", Refused(otherCurve.ExportSubjectPublicKeyInfoPem()), StringComparison.Ordinal);
        Assert.Contains("is a private key", Refused(Jwt.Rsa.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
        Assert.Contains("is a private key", Refused(Jwt.Ec.ExportECPrivateKeyPem()), StringComparison.Ordinal);

        static string Refused(string text) => Assert.Throws<KeyFormatException>(() => VerificationKeyFile.Parse(text, "key")).Message;
    }

    [Fact]
    public void File_that_cannot_be_a_key_is_not_read()
    {
        string big = _directory.Write("big", new string('A', SecretFile.MaxBytes + 1));

        Assert.Contains("at most", Assert.Throws<KeyFormatException>(() => SecretFile.Read(big)).Message, StringComparison.Ordinal);
        Assert.Throws<KeyFormatException>(() => SecretFile.Read(_directory["missing"]));
        Assert.Throws<KeyFormatException>(() => SecretFile.Read(_directory.Path));
    }

    public void Dispose() => _directory.Dispose();
}
