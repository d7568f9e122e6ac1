using System.Security.Cryptography;

namespace Presence.Server.Security;

/// <summary>
/// The key of one generation. Each thread keeps a hash that has the key already worked in: setting one up costs more than the hashing.
/// </summary>
internal sealed class ResumeKey : IDisposable
{
    private readonly ThreadLocal<IncrementalHash> _hash;

    // The secret itself signs nothing, so that another use can be given another key.
    public ResumeKey(ResumeSecret secret)
    {
        Generation = (byte)secret.Generation;
        byte[] key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, secret.Secret, HMACSHA256.HashSizeInBytes, info: "presence resume token 1"u8.ToArray());
        _hash = new ThreadLocal<IncrementalHash>(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key), trackAllValues: true);
    }

    /// <summary>The low 8 bits of the generation; tokens name their key by them.</summary>
    public byte Generation { get; }

    /// <summary>Writes the 32 bytes of the HMAC-SHA256.</summary>
    public void Sign(ReadOnlySpan<byte> content, Span<byte> signature)
    {
        IncrementalHash hash = _hash.Value!;
        hash.AppendData(content);
        hash.GetHashAndReset(signature);
    }

    public void Dispose()
    {
        foreach (IncrementalHash hash in _hash.Values)
        {
            hash.Dispose();
        }

        _hash.Dispose();
    }
}
