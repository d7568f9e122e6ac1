using System.Buffers.Binary;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Storage.Journal;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>One call of <see cref="SharedScripts.Ship"/>: records, changes that others were told of, and the cursor in front of them and behind.</summary>
internal sealed class ShipBatch
{
    private readonly List<UserRecord> _records = [];
    private readonly List<RedisValue> _changes = [];

    /// <summary>Records that no shard can have written.</summary>
    public int Poison { get; private set; }

    public int Records => _records.Count;

    /// <summary>Unix milliseconds up to which all that the node has decided is in front of the cursor behind the batch; null: not known.</summary>
    public long? AsOfMs { get; init; }

    public void Add(in JournalRecord record)
    {
        if (Add(record.User) && record.IsVisible)
        {
            AddChange(record.User.Visible(record.Text), isCoalesced: record.Cause is null);
        }
    }

    public bool Add(in UserRecord record)
    {
        bool fits = SharedRecordFormat.Fits(record);
        if (fits)
        {
            _records.Add(record);
        }
        else
        {
            Poison++;
        }

        return fits;
    }

    public RedisKey[] Keys(SharedKeys keys) => [keys.Cursors, keys.Changes, keys.Stated, .. _records.Select(record => keys.BucketOf(record.UserId))];

    /// <param name="node">Whose journal it is.</param>
    /// <param name="from">The cursor in front of the batch.</param>
    /// <param name="behind">The one behind it.</param>
    /// <param name="ceiling">What is there under a higher version is not believed.</param>
    /// <param name="oldestChangeMs">Unix milliseconds: changes before are let go.</param>
    /// <param name="mostChanges">So are those above this number, the oldest first.</param>
    public RedisValue[] Arguments(string node, string from, string behind, ulong ceiling, long oldestChangeMs, long mostChanges)
    {
        byte[] ceilingBytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(ceilingBytes, ceiling);
        return
        [
            node, from, behind, ceilingBytes, oldestChangeMs, mostChanges, AsOfMs ?? RedisValue.EmptyString, _records.Count,
            .. _records.SelectMany(static record => new RedisValue[] { SharedKeys.FieldOf(record.UserId), SharedRecordFormat.Write(record) }),
            .. _changes,
        ];
    }

    // What nobody may know of who is invisible is not in it: why a user went, the true time, the choice.
    private void AddChange(in PresenceState state, bool isCoalesced) => _changes.AddRange(
    [
        (long)state.UserId,
        (long)state.Version,
        (int)state.Status,
        (int)state.Kinds,
        state.LastActiveMs,
        isCoalesced ? 1 : 0,
        state.StatusText is { Length: > 0 } text ? text : RedisValue.EmptyString,
    ]);
}
