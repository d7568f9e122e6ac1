using System.Text;
using Presence.Server.Storage;

namespace Presence.Server.Security.Revoking;

/// <summary>
/// What operators have revoked at this node, in a file of the data directory. Every change is on the disk before it is in memory, so that whoever was answered
/// finds it after a crash. Used by one thread at a time.
/// </summary>
internal sealed class OwnRevocations
{
    public const string FileName = "revocations.json";

    private readonly string _path;
    private readonly int _most;
    private Dictionary<string, Revocation> _byKey;

    private OwnRevocations(string path, int most, IEnumerable<Revocation> revocations)
    {
        (_path, _most) = (path, most);
        _byKey = new Dictionary<string, Revocation>(StringComparer.Ordinal);
        foreach (Revocation revocation in revocations)
        {
            // Somebody may have written in it: the last counts, as anywhere.
            _byKey[revocation.Key] = revocation;
        }
    }

    /// <summary>Immutable; another one after every change.</summary>
    public IReadOnlyCollection<Revocation> All => _byKey.Values;

    /// <summary>Reads the file; there is none before the first change.</summary>
    /// <exception cref="KeyFormatException">It cannot be read, or is not what was written: a server without it would let the revoked in.</exception>
    public static OwnRevocations Open(string path, int most)
    {
        if (!File.Exists(path))
        {
            return new OwnRevocations(path, most, []);
        }

        try
        {
            // Its own limit may have been lowered since: what was revoked stays so.
            return new OwnRevocations(path, most, RevocationDocument.Parse(File.ReadAllText(path, Encoding.UTF8), int.MaxValue));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KeyFormatException)
        {
            throw new KeyFormatException($"'{path}' cannot be read: {e.Message} Restore it, or move it away to forget what was revoked.", e);
        }
    }

    /// <returns>False when there is no room for another.</returns>
    /// <exception cref="IOException">The disk did not take it; nothing is changed.</exception>
    public bool TryPut(Revocation revocation)
    {
        bool fits = _byKey.ContainsKey(revocation.Key) || _byKey.Count < _most;
        if (fits)
        {
            Replace(new Dictionary<string, Revocation>(_byKey, StringComparer.Ordinal) { [revocation.Key] = revocation });
        }

        return fits;
    }

    /// <returns>What was taken away; null when there was none.</returns>
    /// <exception cref="IOException">The disk did not take it; nothing is changed.</exception>
    public Revocation? Remove(string key)
    {
        var rest = new Dictionary<string, Revocation>(_byKey, StringComparer.Ordinal);
        if (rest.Remove(key, out Revocation? removed))
        {
            Replace(rest);
        }

        return removed;
    }

    /// <summary>Forgets those that concern no valid token any more. That the disk has them a little longer does no harm.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Drop(Func<Revocation, bool> isOver)
    {
        var rest = _byKey.Values.Where(one => !isOver(one)).ToDictionary(static one => one.Key, StringComparer.Ordinal);
        bool any = rest.Count < _byKey.Count;
        _byKey = rest;
        return any;
    }

    private void Replace(Dictionary<string, Revocation> next)
    {
        DurableFile.Replace(_path, RevocationDocument.Format(next.Values));
        _byKey = next;
    }
}
