using Presence.Server.Storage.Journal;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>What a shipper asks of Redis. Cursors are texts here: what is compared is what is there, whoever has written it.</summary>
/// <param name="node">Whose journal is shipped; of two nodes with one id each would take the other's cursor for a loss.</param>
internal sealed class ShipTarget(string node, RedisLink link, SharedKeys keys, SharedRecords records, SharedStoreOptions options, TimeProvider time)
{
    // A Redis that is stopped, or cut off without a word, is known to be away after this.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    /// <exception cref="RedisAwayException">As of all members.</exception>
    public async Task<ShipState> StateAsync()
    {
        RedisValue[] found = await link.AskAsync(
            database => Task.WhenAll(database.HashGetAsync(keys.Cursors, node, RedisLink.FromPrimary), database.HashGetAsync(keys.Walks, node, RedisLink.FromPrimary)), s_patience);
        return new ShipState(found[0].ToString(), MustWalk: !found[1].IsNull);
    }

    /// <summary>Takes a batch if the cursor is <paramref name="from"/>.</summary>
    /// <returns>The cursor as it is then, and what was passed over because no node can have written it.</returns>
    public async Task<(string Cursor, long Poison)> ShipAsync(ShipBatch batch, JournalPosition from, JournalPosition behind)
    {
        long oldestMs = (time.GetUtcNow() - options.ChangesRetention).ToUnixTimeMilliseconds();
        RedisKey[] named = batch.Keys(keys);
        RedisValue[] arguments = batch.Arguments(node, from.ToString(), behind.ToString(), records.Ceiling, oldestMs, options.MostChanges);
        RedisResult answer = await link.AskAsync(database => database.ScriptEvaluateAsync(SharedScripts.Ship, named, arguments), s_patience);
        return ((string)answer[0]!, (long)answer[1]);
    }

    /// <summary>Puts the cursor elsewhere if it is <paramref name="from"/>, and notes down that the store's records are to be brought.</summary>
    /// <param name="from">Empty when there is none.</param>
    /// <param name="to">Where.</param>
    /// <param name="isGap">Readers of the changes are told that some are missing.</param>
    /// <returns>The cursor as it is then.</returns>
    public async Task<string> MoveAsync(string from, JournalPosition to, bool isGap)
    {
        RedisResult answer = await link.AskAsync(
            database => database.ScriptEvaluateAsync(
                SharedScripts.Begin, [keys.Cursors, keys.Walks, keys.Changes], [node, from, to.ToString(), isGap ? 1 : 0]),
            s_patience);
        return (string)answer!;
    }

    /// <summary>All that the store has was brought.</summary>
    public Task WalkedAsync() => link.AskAsync(database => database.HashDeleteAsync(keys.Walks, node), s_patience);
}

/// <param name="Cursor">How far the node's journal is there; empty when it never was, or all is lost.</param>
/// <param name="MustWalk">The store's records are to be brought, or were not all.</param>
internal readonly record struct ShipState(string Cursor, bool MustWalk);
