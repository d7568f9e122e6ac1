using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class ResumeSecretsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string File => _directory[ResumeSecrets.FileName];

    [Fact]
    public void Secret_is_made_once_and_only_its_owner_reads_it()
    {
        ResumeSecrets made = ResumeSecrets.ReadOrCreate(File, Jwt.Now);
        ResumeSecrets read = ResumeSecrets.ReadOrCreate(File, Jwt.Now.AddDays(29));

        Assert.Equal(made.Format(), read.Format());
        Assert.Equal(1, read.Current.Generation);
        Assert.Equal(Jwt.Now, read.Current.MadeAt);
        Assert.Null(read.Previous);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public void Old_secret_is_rotated_at_start_and_the_rotation_stays()
    {
        ResumeSecrets first = ResumeSecrets.ReadOrCreate(File, Jwt.Now);

        ResumeSecrets second = ResumeSecrets.ReadOrCreate(File, Jwt.Now.AddDays(30));

        Assert.Equal(2, second.Current.Generation);
        Assert.Equal(first.Current.Secret, second.Previous!.Secret);
        Assert.NotEqual(first.Current.Secret, second.Current.Secret);
        Assert.Equal(second.Format(), ResumeSecrets.ReadOrCreate(File, Jwt.Now.AddDays(31)).Format());
        Assert.Equal([File], Directory.GetFiles(_directory.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("junk")]
    [InlineData("1 1700000000 AAAA")]
    [InlineData("1 x AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")]
    [InlineData("1 1700000000 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\njunk")]
    public void Damaged_file_is_an_error_that_says_what_to_do(string text)
    {
        System.IO.File.WriteAllText(File, text);

        string message = Assert.Throws<KeyFormatException>(() => ResumeSecrets.ReadOrCreate(File, Jwt.Now)).Message;

        Assert.Contains("Delete it", message, StringComparison.Ordinal);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    public void Dispose() => _directory.Dispose();
}
