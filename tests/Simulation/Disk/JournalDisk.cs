namespace Presence.Simulation;

/// <summary>The journal's directory, which outlives every process, and its files as far as the power does not go.</summary>
internal sealed class JournalDisk
{
    private readonly SortedDictionary<string, JournalBytes> _files = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [.. _files.Keys];

    public JournalBytes this[string name] => _files[name];

    public bool Exists(string name) => _files.ContainsKey(name);

    public JournalBytes Create(string name)
    {
        var file = new JournalBytes();
        _files.Add(name, file);
        return file;
    }

    public void Delete(string name) => _files.Remove(name);

    public void LosePower(Chance chance)
    {
        foreach (JournalBytes file in _files.Values)
        {
            file.LosePower(chance);
        }
    }
}
