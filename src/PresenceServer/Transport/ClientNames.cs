using System.Collections.Concurrent;

namespace Presence.Server.Transport;

/// <summary>The names that clients give their software: many connections, few names, one string for each. Bounded: past that each keeps its own.</summary>
internal sealed class ClientNames
{
    private const int MaxNames = 256;

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Shared(string name) =>
        _names.TryGetValue(name, out string? known) ? known : _names.Count < MaxNames ? _names.GetOrAdd(name, name) : name;
}
