using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>Brings the tables from the state of a checkpoint to that of the journal's end.</summary>
/// <param name="tables">Filled from the checkpoint.</param>
internal sealed class JournalRecovery(RecordTables tables)
{
    /// <summary>Records that the checkpoint did not hold.</summary>
    public long Newer { get; private set; }

    /// <summary>There was no room for a user.</summary>
    public bool IsFull { get; private set; }

    public void Take(JournalRecord record)
    {
        UserRecord user = record.User;
        if (user.Version < tables.Read(user.UserId).Version)
        {
            return;
        }

        Newer++;
        IsFull |= !tables.TryWrite(user);
    }
}
