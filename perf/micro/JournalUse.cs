using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Micro;

/// <summary>A real journal for a run, and what it has cost beside the shard's thread.</summary>
internal sealed class JournalUse : IDisposable
{
    private readonly DataDirectory _directory;
    private readonly TimeSpan _before = OfOtherThreads();

    public JournalUse(string path)
    {
        _directory = DataDirectory.Open(path);
        Journal = DiskJournal.Open(_directory, new JournalOptions(), TimeProvider.System, NullLogger.Instance);
    }

    public DiskJournal Journal { get; }

    /// <summary>To be called when so many transitions have been made.</summary>
    public void Print(int transitions)
    {
        JournalHealth health = Journal.Health;
        TimeSpan spent = OfOtherThreads() - _before;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"journal: {spent.TotalNanoseconds / transitions:F0} ns of all other threads a transition, {health.Commits} commits, {health.Coalesced} coalesced, {health.LeftOut} left out; {health.Problem ?? "well"}"));
    }

    public void Dispose()
    {
        Journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _directory.Dispose();
    }

    private static TimeSpan OfOtherThreads()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime - ThreadClock.Now;
    }
}
