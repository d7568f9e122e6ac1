using Presence.Protocol;
using Presence.V1;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// Reads what others were told of all users of the cluster, in the order in which Redis was told, with one cursor: the id of an entry of the stream. Of one user versions rise, but for what is shipped
/// again: the highest wins.
/// </summary>
internal sealed class SharedChanges(RedisLink link, SharedKeys keys, SharedCounts counts)
{
    /// <summary>In front of all there is.</summary>
    public const string Beginning = "0-0";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);
    private static readonly Dictionary<string, long> s_nothing = [];

    /// <summary>Behind all there is; and of whom all there is has come.</summary>
    /// <exception cref="RedisAwayException">As of all members.</exception>
    public async Task<SharedChangesEnd> EndAsync()
    {
        RedisResult answer = await link.AskAsync(database => database.ScriptEvaluateAsync(SharedScripts.End, [keys.Changes, keys.Cursors, keys.Walks], flags: RedisLink.FromPrimary), s_patience);
        HashSet<string> complete = [.. ((string[])answer[1]!).Except((string[])answer[2]!)];
        return new SharedChangesEnd((string)answer[0]!, complete);
    }

    /// <summary>Reads what comes behind a cursor.</summary>
    /// <param name="after">One that was given here.</param>
    /// <param name="most">Entries.</param>
    public async Task<SharedChangesSlice> ReadAsync(string after, int most)
    {
        RedisResult answer = await link.AskAsync(database => database.ScriptEvaluateAsync(SharedScripts.Changes, [keys.Changes, keys.Stated], [after, most], RedisLink.FromPrimary), s_patience);
        if ((int)answer[0] == 0)
        {
            return new SharedChangesSlice([], after, IsGone: true, IsEnd: false, s_nothing);
        }

        List<SharedChange> changes = [];
        string cursor = after;
        var entries = (RedisResult[])answer[2]!;
        foreach (RedisResult entry in entries)
        {
            Dictionary<string, RedisValue> fields = FieldsOf((RedisValue[])entry[1]!);
            if (fields.ContainsKey("g"))
            {
                // What was in front of it is told of first.
                return new SharedChangesSlice(changes, cursor, IsGone: changes.Count == 0, IsEnd: false, s_nothing);
            }

            cursor = (string)entry[0]!;
            if (Read(fields, cursor) is { } change)
            {
                changes.Add(change);
            }
            else if (!fields.ContainsKey("b"))
            {
                counts.Poison.Add();
            }
        }

        bool isEnd = entries.Length < most;
        return new SharedChangesSlice(changes, cursor, IsGone: false, isEnd, isEnd ? StatedOf((RedisValue[])answer[3]!) : s_nothing);
    }

    private static Dictionary<string, long> StatedOf(RedisValue[] pairs)
    {
        Dictionary<string, long> stated = [];
        for (int at = 0; at + 1 < pairs.Length; at += 2)
        {
            if (pairs[at + 1].TryParse(out long ms) && ms is >= 0 and <= PackedRecord.MaxTimeMs)
            {
                stated[pairs[at].ToString()] = ms;
            }
        }

        return stated;
    }

    // A field may stand in an entry twice.
    private static Dictionary<string, RedisValue> FieldsOf(RedisValue[] pairs)
    {
        Dictionary<string, RedisValue> fields = [];
        for (int at = 0; at + 1 < pairs.Length; at += 2)
        {
            fields[pairs[at].ToString()] = pairs[at + 1];
        }

        return fields;
    }

    // Null for what no node has written.
    private static SharedChange? Read(Dictionary<string, RedisValue> fields, string cursor)
    {
        if (Number(fields, "u") is not (> 0 and var user) || Number(fields, "v") is not (> 0 and var version)
            || Number(fields, "s") is not (>= 0 and <= PackedRecord.MaxStatus and var status) || Number(fields, "k") is not (>= 0 and <= byte.MaxValue and var kinds)
            || Number(fields, "l") is not (>= PresenceState.NoTime and <= PackedRecord.MaxTimeMs and var lastActiveMs) || Number(fields, "c") is not (>= 0 and <= 1 and var coalesced))
        {
            return null;
        }

        PresenceState state = PresenceState.NeverSeen((ulong)user);
        (state.Version, state.Status, state.Kinds, state.LastActiveMs) = ((ulong)version, (Status)status, (DeviceKinds)kinds, lastActiveMs);
        return new SharedChange(fields.TryGetValue("t", out RedisValue text) ? state with { StatusText = (byte[]?)text } : state, coalesced == 1, cursor);
    }

    private static long? Number(Dictionary<string, RedisValue> fields, string name) =>
        fields.TryGetValue(name, out RedisValue value) && value.TryParse(out long number) ? number : null;
}

/// <param name="Cursor">Behind all there is.</param>
/// <param name="Complete">Nodes of which nothing is still to be brought that was there before: what Redis has of their users is what it had, or newer.</param>
internal sealed record SharedChangesEnd(string Cursor, IReadOnlySet<string> Complete);

/// <param name="Changes">In order.</param>
/// <param name="Cursor">Behind them; entries that nobody of us has written are passed over.</param>
/// <param name="IsGone">What comes next is not there: past the retention or the length of the stream, lost by Redis, or a node could not ship it.</param>
/// <param name="IsEnd">There was no more.</param>
/// <param name="StatedMs">By node, if it is the end: Unix milliseconds up to which all that it has decided is in front of the cursor.</param>
internal sealed record SharedChangesSlice(IReadOnlyList<SharedChange> Changes, string Cursor, bool IsGone, bool IsEnd, IReadOnlyDictionary<string, long> StatedMs);

/// <param name="State">What others were told.</param>
/// <param name="IsCoalesced">It stands for several changes of the user.</param>
/// <param name="Behind">Where reading goes on.</param>
internal readonly record struct SharedChange(PresenceState State, bool IsCoalesced, string Behind);
