using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// The names of what a cluster keeps in Redis, all under one prefix: docs/decisions/shared-store.md lists them. No hash tag, as all is on one primary: a batch changes records, stream and cursor in
/// one step.
/// </summary>
internal sealed class SharedKeys(string prefix)
{
    /// <summary>
    /// Hashes that the records of all users spread over; part of the format, so the same for ever. 700 million users are 83 a hash, and one of 140 is one in ten million hashes: all keep Redis's compact
    /// form, which ends at 512 entries (hash-max-listpack-entries), with a margin for four times as many.
    /// </summary>
    public const int Buckets = 1 << 23;

    // Not keyed: what is in Redis outlives every data directory, and ids are those of an issuer who is trusted.
    private static readonly UserHash s_hash = new(0);

    /// <summary>A hash: how far the journal of each node is shipped, by node id; a <see cref="Journal.JournalPosition"/>.</summary>
    public RedisKey Cursors { get; } = prefix + "cursors";

    /// <summary>A hash: nodes that have to bring all records their store has, by node id.</summary>
    public RedisKey Walks { get; } = prefix + "walks";

    /// <summary>A hash: up to when all that a node has decided is in the stream, Unix milliseconds, by node id.</summary>
    public RedisKey Stated { get; } = prefix + "stated";

    /// <summary>A stream: all changes that others were told of.</summary>
    public RedisKey Changes { get; } = prefix + "changes";

    /// <summary>The hash that has a user's record.</summary>
    public RedisKey BucketOf(ulong userId) => Bucket((int)(s_hash.Of(userId) >> (64 - BitOperations.Log2(Buckets))));

    /// <summary>Which keys are such hashes.</summary>
    public string BucketPattern { get; } = prefix + "u:*";

    /// <param name="number">0 … <see cref="Buckets"/> − 1.</param>
    public RedisKey Bucket(int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}u:{number:x6}");

    /// <summary>The field of a user's record in its hash: the id, most significant byte first, without zeros in front.</summary>
    public static RedisValue FieldOf(ulong userId)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, userId);
        return bytes[(BitOperations.LeadingZeroCount(userId) / 8)..].ToArray();
    }

    /// <returns>0 for what is no user's.</returns>
    public static ulong UserOf(ReadOnlySpan<byte> field)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (field.Length is 0 or > sizeof(ulong) || field[0] == 0)
        {
            return 0;
        }

        bytes.Clear();
        field.CopyTo(bytes[^field.Length..]);
        ulong userId = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return userId < PackedRecord.CompanionBit ? userId : 0;
    }
}
