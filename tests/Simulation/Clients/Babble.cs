using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// Frames that are well formed, in whatever order: a second Hello, requests before Welcome and behind a Goodbye, lists that are empty or name somebody twice, versions
/// that nobody has given. Each has one answer, and means no more than it says.
/// </summary>
internal sealed class Babble(World world, Client client, Chance chance)
{
    private const int MostFrames = 8;
    private const int MostUsers = 6;
    private const int LongText = 128;

    /// <summary>In place of a Hello, or right behind one.</summary>
    public void Early(HelloSays hello)
    {
        client.Say(chance.Hits(0.8) ? hello : new BeatSays(HeartbeatFlags.WantAck));
        Burst();
    }

    /// <returns>False: it has said Goodbye, or ended in another way.</returns>
    public bool Burst()
    {
        bool isOver = false;
        for (int left = chance.Below(MostFrames) + 1; left > 0; left--)
        {
            ClientSays says = Any();
            isOver |= says is GoodbyeSays;
            client.Say(says);
        }

        return !isOver;
    }

    private ClientSays Any() => chance.Below(12) switch
    {
        0 => client.Hello() with { UserId = SomeUser(), InitialStatus = SomeStatus() },
        1 => new BeatSays((HeartbeatFlags)chance.Below(4)),
        2 or 3 => new StatusSays(client.NextRequest, SomeStatus(), chance.Hits(0.3) ? SomeText() : null),
        4 or 5 or 6 => Watch(),
        7 or 8 => Unwatch(),
        9 => new QuerySays(client.NextRequest, SomeUsers()),
        10 => new RefreshSays(client.NextRequest, world.Wall.Now + chance.Pick(1, 2_000, 100_000_000), chance.Hits(0.5) ? client.Token : client.FirstToken),
        _ => chance.Hits(0.3) ? new GoodbyeSays() : new BeatSays(HeartbeatFlags.WantAck),
    };

    private WatchSays Watch()
    {
        ulong[] users = SomeUsers();
        client.Watched.UnionWith(users);
        return new WatchSays(client.NextRequest, users, [.. users.Select(SomeVersion)]);
    }

    private UnwatchSays Unwatch()
    {
        ulong[] users = SomeUsers();
        client.Watched.ExceptWith(users);
        return new UnwatchSays(client.NextRequest, users);
    }

    // What it knows, nothing, or what no home has ever said.
    private ulong SomeVersion(ulong userId) => chance.Below(4) switch
    {
        0 => client.View.NamedVersionOf(userId) + 1,
        1 => ulong.MaxValue >> 1,
        2 => 0,
        _ => client.View.NamedVersionOf(userId),
    };

    // Perhaps none, and perhaps one of them several times.
    private ulong[] SomeUsers() => [.. Enumerable.Range(0, chance.Below(MostUsers)).Select(_ => SomeUser())];

    private ulong SomeUser() => 1 + (ulong)chance.Below(world.Plan.Settings.Users);

    private Status SomeStatus() => chance.Pick(Status.Online, Status.Away, Status.Busy, Status.Offline, Status.Invisible);

    private byte[] SomeText() => [.. Enumerable.Repeat((byte)'t', chance.Below(LongText) + 1)];
}
