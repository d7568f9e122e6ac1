namespace Presence.Server.Storage.Journal;

/// <summary>How far the journal is durable, for who reads it while it is written. The journal's thread publishes, any thread looks and waits.</summary>
internal sealed class JournalTail
{
    private JournalExtent _extent = JournalExtent.Empty;
    private TaskCompletionSource? _news;

    public JournalExtent Extent => Volatile.Read(ref _extent);

    /// <summary>Completes when more has become durable after the call. To be asked for before <see cref="Extent"/> is looked at, so that nothing is missed.</summary>
    public Task News()
    {
        TaskCompletionSource? news = Volatile.Read(ref _news);
        if (news is null)
        {
            // Whoever waits must not run on the journal's thread.
            var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            news = Interlocked.CompareExchange(ref _news, fresh, null) ?? fresh;
        }

        return news.Task;
    }

    public void Publish(JournalExtent extent)
    {
        Volatile.Write(ref _extent, extent);
        Interlocked.Exchange(ref _news, null)?.SetResult();
    }
}
