using Presence.LoadClient.Connections;
using Presence.Scenarios.Clients;
using Presence.Scenarios.Subjects;
using Presence.V1;

namespace Presence.Scenarios.Growth;

/// <summary>
/// Users who flip, each watched by as many connections as every other; all on direct connections to a server of their own. The watchers of a
/// user are connections that came one after the other, so that what is touched lies beside each other for few as for many.
/// </summary>
internal sealed class WatchersLoad : IDisposable
{
    private readonly Subject _server = Subject.StartServer();
    private readonly Fleet _fleet;
    private readonly int _users;
    private readonly int _updates;
    private ulong _rounds;

    /// <param name="users">Who flip.</param>
    /// <param name="each">Watchers of each user; they watch nobody else.</param>
    /// <param name="watched">False: the watchers are there and watch nobody.</param>
    public WatchersLoad(int users, int each, bool watched)
    {
        (_users, _updates) = (users, watched ? users * each : 0);
        _fleet = new Fleet(_server, _server.Tokens);
        _fleet.BringUp(users, static _ => []);
        _fleet.BringUp(users * each, user => watched ? [1 + ((user - (ulong)users - 1) / (ulong)each)] : []);
    }

    /// <summary>
    /// Every user flips while the server is stopped, then it is continued and has all of it before it: how often it falls asleep and wakes in
    /// between, which is the generator's pace, is not what is measured.
    /// </summary>
    /// <returns>What the server used for it.</returns>
    public TimeSpan Flip()
    {
        _rounds++;
        (long acks, long updates) = (_fleet.Acks + _users, _fleet.Updates + _updates);
        _server.Meter.Stop();
        TimeSpan before = _server.Meter.CpuTime;
        for (int user = 0; user < _users; user++)
        {
            _fleet.Clients[user].Send(Frames.SetStatus(_rounds, _rounds % 2 == 0 ? Status.Away : Status.Busy));
        }

        _server.Meter.Continue();
        _fleet.Until(() => _fleet.Acks >= acks && _fleet.Updates >= updates);
        return _server.Meter.CpuTime - before;
    }

    public void Dispose()
    {
        _fleet.Dispose();
        _server.Dispose();
    }
}
