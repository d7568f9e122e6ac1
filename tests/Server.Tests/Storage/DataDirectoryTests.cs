using System.Diagnostics;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("presence-data-");

    private string Root => Path.Combine(_parent.FullName, "data");

    private string Manifest => Path.Combine(Root, "manifest.json");

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public void It_is_made_for_its_owner_alone_and_keeps_its_seed()
    {
        ulong seed;
        using (var made = DataDirectory.Open(Root))
        {
            seed = made.HashSeed;
            Assert.Equal(64, made.Partitions);
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Root));
        }

        using var again = DataDirectory.Open(Root);
        Assert.Equal(seed, again.HashSeed);
        Assert.NotEqual(0UL, seed);
    }

    [Fact]
    public void A_second_holder_is_told_that_it_is_in_use()
    {
        using var held = DataDirectory.Open(Root);

        var error = Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Open(Root));
        Assert.Equal(3, error.ExitCode);
        Assert.Contains(Root, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_process_sees_the_lock()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "flock(1) is a Linux tool");
        using (DataDirectory.Open(Root))
        {
            Assert.Equal(1, TryLockInAnotherProcess());
        }

        Assert.Equal(0, TryLockInAnotherProcess());
    }

    [Theory]
    [InlineData(DataDirectoryManifest.CurrentFormat - 1)]
    [InlineData(DataDirectoryManifest.CurrentFormat + 1)]
    public void An_unknown_format_is_refused_with_the_version_that_wrote_it(int found)
    {
        DataDirectory.Open(Root).Dispose();
        File.WriteAllText(Manifest, File.ReadAllText(Manifest)
            .Replace($"\"formatVersion\": {DataDirectoryManifest.CurrentFormat}", $"\"formatVersion\": {found}", StringComparison.Ordinal)
            .Replace("\"writtenBy\": \"0.1.0\"", "\"writtenBy\": \"9.8.7\"", StringComparison.Ordinal));

        var error = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Root));
        Assert.Contains($"format version {found}, written by Presence 9.8.7", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.ExitCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"formatVersion\":2,\"writtenBy\":\"x\",\"partitions\":64,\"hashSeed\":\"no\"}")]
    [InlineData("{\"formatVersion\":2,\"writtenBy\":\"x\",\"partitions\":63,\"hashSeed\":\"0000000000000001\"}")]
    public void A_damaged_manifest_is_refused_and_left_alone(string content)
    {
        DataDirectory.Open(Root).Dispose();
        File.WriteAllText(Manifest, content);

        var error = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Root));
        Assert.Contains(Manifest, error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Manifest));
    }

    [Fact]
    public void Data_without_its_manifest_is_not_started_on()
    {
        DataDirectory.Open(Root).Dispose();
        Directory.CreateDirectory(Path.Combine(Root, "last-active"));
        File.Delete(Manifest);

        var error = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Root));
        Assert.Contains("manifest.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_cannot_be_a_directory_is_said_so()
    {
        File.WriteAllText(Root, "a file");

        var error = Assert.Throws<DataDirectoryException>(() => DataDirectory.Open(Root));
        Assert.Equal(2, error.ExitCode);
        Assert.Contains(Root, error.Message, StringComparison.Ordinal);
    }

    private int TryLockInAnotherProcess()
    {
        using var process = Process.Start("flock", ["--nonblock", Path.Combine(Root, "lock"), "true"]);
        process.WaitForExit();
        return process.ExitCode;
    }
}
