namespace Presence.Engine;

/// <summary>
/// Which shards have put something into the lanes of one: a bit for each, set behind what was put there. Who receives looks at a few words instead of at all lanes,
/// each of which is on cache lines of its own. Any thread sets, one takes.
/// </summary>
internal sealed class MailFlags(int senders)
{
    public const int BitsOfWord = 64;

    private readonly ulong[] _words = new ulong[(senders + BitsOfWord - 1) / BitsOfWord];

    public int Words => _words.Length;

    public bool Any
    {
        get
        {
            for (int i = 0; i < _words.Length; i++)
            {
                if (Volatile.Read(ref _words[i]) != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Set(int sender) => Interlocked.Or(ref _words[sender / BitsOfWord], 1UL << sender);

    /// <summary>The senders of a word, a bit each, which are forgotten: to be called before their lanes are looked at.</summary>
    public ulong Take(int word) => Volatile.Read(ref _words[word]) == 0 ? 0 : Interlocked.Exchange(ref _words[word], 0);
}
