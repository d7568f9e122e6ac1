namespace Presence.Server.Security;

/// <summary>The keys in force at one moment; immutable, replaced as a whole.</summary>
internal sealed class VerificationKeys(IEnumerable<VerificationKey> keys)
{
    /// <summary>How many signatures a token may cost that does not say which key it is signed with.</summary>
    public const int MaxTrials = 4;

    private readonly VerificationKey[] _keys = [.. keys];

    public int Count => _keys.Length;

    /// <summary>
    /// Whether one of the keys made the signature; null when no key fits the algorithm and key id, or only some without an id were tried in vain: another
    /// key may have made it.
    /// A <c>kid</c> is only ever compared; it names no file and no address.
    /// </summary>
    public bool? Verify(string algorithm, string? keyId, byte[] content, int contentLength, byte[] signature, int signatureLength)
    {
        int trials = 0;
        bool named = keyId is not null && Array.Exists(_keys, key => key.KeyId == keyId);
        foreach (VerificationKey key in _keys)
        {
            if (key.Algorithm != algorithm || !Fits(key, keyId, named))
            {
                continue;
            }

            if (key.Verify(content, contentLength, signature, signatureLength))
            {
                return true;
            }

            if (++trials == MaxTrials)
            {
                break;
            }
        }

        return trials == 0 || (keyId is not null && !named) ? null : false;
    }

    // A key without an id fits every token that names no key we know; one with an id fits that id, and tokens that name none.
    private static bool Fits(VerificationKey key, string? keyId, bool named) =>
        named ? key.KeyId == keyId : key.KeyId is null || keyId is null;
}
