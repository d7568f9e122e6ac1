using Presence.Engine;
using Presence.V1;

namespace Presence.Server.Cluster.Rehearsing;

/// <summary>
/// What a process does for the first time takes it a hundred times as long, since it is compiled then; and a node that joins a cluster is home of users at once, for whose changes others wait. So it has done it all
/// before: two nodes that are made up, on one thread, with clients that come, watch, change, are lost and leave, while the ring between them changes. Nobody is told, and nothing of it stays but what was compiled.
/// </summary>
internal static class Rehearsal
{
    private const int Users = 96;
    private const int Watched = 12;

    // All that is held is over by then, with the default times.
    private const int SecondsToTheEnd = 60;

    /// <returns>What was said between the two.</returns>
    public static Rehearsed Run()
    {
        using var stage = new RehearsalStage();
        RehearsalClient[] clients = [.. Enumerable.Range(1, Users).Select(user => new RehearsalClient((ulong)user))];
        stage.Follow(0);
        Come(stage, clients);
        stage.Follow(0, 1);
        Change(stage, clients);
        clients = Lose(stage, clients);
        stage.Follow(0, 1);
        Change(stage, clients);
        stage.Leave(1);
        stage.Follow(0);
        Change(stage, clients);
        Array.ForEach(clients, stage.Goodbye);
        stage.Pass(SecondsToTheEnd);
        return new(stage.Batches, clients.Sum(static client => client.Flushes));
    }

    private static void Come(RehearsalStage stage, RehearsalClient[] clients)
    {
        foreach (RehearsalClient client in clients)
        {
            stage.Up(client, resumes: 0);
            stage.Ask(client, new WatchRequest(client, 1, [.. Enumerable.Range(1, Watched).Select(n => ((client.Of + (ulong)n) % Users) + 1)], []));
        }

        stage.Settle();
    }

    private static void Change(RehearsalStage stage, RehearsalClient[] clients)
    {
        Status[] statuses = [Status.Busy, Status.Away, Status.Invisible, Status.Online];
        foreach (Status status in statuses)
        {
            foreach (RehearsalClient client in clients)
            {
                stage.Say(client, new SetStatusRequest(client, 2, status, text: "on the way"u8.ToArray()));
            }

            stage.Settle();
            stage.Pass(seconds: 1);
        }

        Array.ForEach(clients, client => stage.Ask(client, new QueryRequest(client, 3, [1, 2, 3])));
        stage.Settle();
    }

    // Every second; half of them come back as who they were.
    private static RehearsalClient[] Lose(RehearsalStage stage, RehearsalClient[] clients)
    {
        RehearsalClient[] lost = [.. clients.Where(static client => client.Of % 2 == 0)];
        Array.ForEach(lost, stage.Lose);
        stage.Pass(seconds: 2);
        stage.Follow(1);
        RehearsalClient[] back = [.. lost.Where(static client => client.Of % 4 == 0).Select(static client => new RehearsalClient(client.Of))];
        foreach (RehearsalClient client in back)
        {
            stage.Up(client, resumes: lost.Single(before => before.Of == client.Of).Session);
            stage.Ask(client, new WatchRequest(client, 1, [1, 3, 5], [1, 1, 1]));
        }

        stage.Settle();
        return [.. clients.Except(lost), .. back];
    }
}

/// <param name="Batches">Between the two nodes.</param>
/// <param name="Flushes">To clients.</param>
internal readonly record struct Rehearsed(int Batches, int Flushes);
