using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>One question under way.</summary>
/// <param name="First">The number of the first user that it asks about; the others follow it.</param>
/// <param name="Intended">When it was meant to be asked.</param>
/// <param name="Sent">When it was.</param>
internal sealed record Question(int First, TimeSpan Intended, TimeSpan Sent)
{
    private List<SeenEntry>? _pages;

    /// <summary>A page that is not the last.</summary>
    public void Keep(IReadOnlyCollection<SeenEntry> page) => (_pages ??= []).AddRange(page);

    /// <summary>The whole answer, with its last page.</summary>
    public IReadOnlyCollection<SeenEntry> Complete(IReadOnlyCollection<SeenEntry> last) => _pages is null ? last : [.. _pages, .. last];
}
