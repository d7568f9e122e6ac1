using Presence.Server.Storage.Journal;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>Writes, faults and power cuts by chance, beside the only thing that has to be remembered: what was acknowledged.</summary>
internal sealed class AcknowledgedModel(JournalFixture journal, Random random)
{
    private const int Users = 20;

    private readonly Dictionary<ulong, ulong> _appended = [];
    private readonly Dictionary<ulong, ulong> _acknowledged = [];
    private Dictionary<ulong, ulong> _asked = [];
    private TestCommit? _commit;
    private ulong _version;

    public void Run(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            Step();
        }

        LosePower();
    }

    private void Step()
    {
        switch (random.Next(20))
        {
            case < 9:
                ulong user = (ulong)random.Next(1, Users + 1);
                journal.Append(user, _appended[user] = ++_version);
                break;
            case < 12:
                Ask();
                break;
            case < 16:
                journal.Loop.Turn();
                Hear();
                break;
            case 16:
                journal.Files.WrittenBeforeError = random.Next(64);
                journal.Files.WriteError = random.Next(3) == 0 ? new IOException("broken") : null;
                journal.Files.SyncError = random.Next(3) == 0 ? new IOException("broken") : null;
                break;
            case 17:
                journal.LetRetryTimePass();
                break;
            case 18:
                journal.Time.Advance(journal.Options.SegmentAge);
                break;
            default:
                LosePower();
                break;
        }
    }

    // One at a time, as a shard does; it covers all that was appended before.
    private void Ask()
    {
        if (_commit is null)
        {
            _commit = journal.Ask();
            _asked = new(_appended);
        }
    }

    private void Hear()
    {
        if (_commit?.IsDurable is not { } durable)
        {
            return;
        }

        _commit = null;
        foreach ((ulong user, ulong version) in durable ? _asked : [])
        {
            _acknowledged[user] = version;
        }
    }

    private void LosePower()
    {
        Hear();
        journal.Files.LosePower(random.Next(200));
        journal.Restart();
        Dictionary<ulong, JournalRecord> read = journal.Read();
        Assert.All(_acknowledged, known => Assert.InRange(read[known.Key].User.Version, known.Value, _version));
        _commit = null;
        _appended.Clear();
    }
}
