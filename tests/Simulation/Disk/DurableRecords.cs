using System.Globalization;
using System.Runtime.InteropServices;
using Presence.Engine;
using Presence.Server.Storage.Journal;

namespace Presence.Simulation;

/// <summary>
/// What the journal has of each user that would be there if the power went now: of two records the one with the higher version, of equal ones the later.
/// </summary>
internal sealed class DurableRecords
{
    private readonly Dictionary<ulong, UserRecord> _records = [];

    public UserRecord this[ulong userId] => _records.GetValueOrDefault(userId);

    public IReadOnlyCollection<UserRecord> All => _records.Values;

    public void Clear() => _records.Clear();

    public void Take(in UserRecord record)
    {
        ref UserRecord known = ref CollectionsMarshal.GetValueRefOrAddDefault(_records, record.UserId, out _);
        known = record.Version >= known.Version ? record : known;
    }

    /// <summary>More of a segment is on the disk.</summary>
    /// <param name="synced">All of it that is.</param>
    /// <param name="name">Of its file.</param>
    /// <param name="before">So much was before; a block ends there.</param>
    public void Take(ReadOnlySpan<byte> synced, string name, int before)
    {
        ulong number = ulong.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture);
        int at = Math.Max(before, SegmentHeader.Bytes);
        while (at < synced.Length && BlockFormat.TryRead(synced[at..], number, at, out ReadOnlySpan<byte> records, out _))
        {
            at += BlockFormat.HeadBytes + records.Length;
            while (!records.IsEmpty)
            {
                JournalRecord record = RecordFormat.Read(ref records);
                if (!record.IsWatermark)
                {
                    Take(record.User);
                }
            }
        }
    }
}
