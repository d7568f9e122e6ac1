using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Presence.Server.Security;

/// <summary>
/// Which key ids that are not known may still come: all but those that a key set lacks which was read after they were first asked for. Thread-safe.
/// </summary>
/// <remarks>
/// Clients choose the ids, so no more than <see cref="Capacity"/> are remembered, as hashes. When that is full all are forgotten, which errs to the
/// good side: a token is told once more to come back, and none is turned away for good that a reading would have made valid.
/// </remarks>
internal sealed class AwaitedKeys
{
    public const int Capacity = 1_024;

    private readonly Lock _lock = new();
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly Dictionary<ulong, int> _firstAsked = [];
    private int _begun;
    private int _succeeded;

    /// <summary>Notes that a reading begins.</summary>
    /// <returns>Its number.</returns>
    public int Begin()
    {
        lock (_lock)
        {
            return ++_begun;
        }
    }

    /// <summary>Notes that a reading has succeeded, and its keys are in force.</summary>
    public void Succeed(int reading)
    {
        lock (_lock)
        {
            _succeeded = Math.Max(_succeeded, reading);
        }
    }

    /// <summary>Whether a key that is not known may be in the next key set.</summary>
    public bool MayCome(string? keyId)
    {
        ulong hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(keyId.AsSpan()), _seed);
        lock (_lock)
        {
            if (_firstAsked.TryGetValue(hash, out int begunBefore))
            {
                // A reading that had begun when the id was first asked for may have left the source before the key came there.
                return _succeeded <= begunBefore;
            }

            if (_firstAsked.Count == Capacity)
            {
                _firstAsked.Clear();
            }

            _firstAsked.Add(hash, _begun);
            return true;
        }
    }
}
