using Microsoft.Win32.SafeHandles;
using Presence.Server.Storage;
using Xunit;

namespace Presence.Server.Tests.Storage;

public sealed class DurableFileTests
{
    [Fact]
    public void A_sync_that_fails_is_seen()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes cannot be synced on Linux");
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        using var handle = new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);

        var error = Assert.Throws<IOException>(() => DurableFile.Sync(handle, "pipe"));
        Assert.Contains("fsync", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Syncing_a_directory_that_is_not_there_is_seen() =>
        Assert.Throws<IOException>(() => DurableFile.SyncDirectory("/nowhere/at/all"));
}
