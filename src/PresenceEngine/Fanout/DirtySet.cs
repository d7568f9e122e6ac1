namespace Presence.Engine;

/// <summary>What a congested connection has not been told: watched users, each once, so never more than it watches. The latest state is read when it drains.</summary>
internal sealed class DirtySet
{
    private readonly HashSet<int> _watched = [];

    public int Count => _watched.Count;

    /// <returns>False when the user was in: an older update has been coalesced away.</returns>
    public bool Add(int watched) => _watched.Add(watched);

    public void Remove(int watched) => _watched.Remove(watched);

    public HashSet<int>.Enumerator GetEnumerator() => _watched.GetEnumerator();

    public void Clear() => _watched.Clear();
}
