using System.CommandLine;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Scenarios;

namespace Presence.LoadClient.Commands;

/// <summary><c>LoadClient friends</c></summary>
internal static class FriendsCommand
{
    public static Command Create(TimeProvider time)
    {
        var target = new TargetOptions();
        Option<int> connections = New("--connections", "Users, each on one connection", 1_000);
        Option<int> watches = New("--watch", "Others that each of them watches", 20);
        Option<double> flips = New("--flips", "Status changes a second, over all users", 100.0);
        Option<long> firstUser = New("--first-user", "The first user id; generators that run together need ids of their own", 1L);
        var command = new Command("friends", "Users who watch each other and change their status now and then")
        {
            connections,
            watches,
            flips,
            firstUser,
        };
        target.AddTo(command);
        command.SetAction(async (parse, cancellation) =>
        {
            var options = new FriendsOptions(
                parse.GetValue(target.Server)!,
                parse.GetValue(connections),
                parse.GetValue(watches),
                parse.GetValue(flips),
                parse.GetValue(target.Duration),
                parse.GetValue(target.Seed),
                parse.GetValue(firstUser));
            // Here and not in a validator: those run before defaults are filled in.
            if (options.Fault() is { } fault)
            {
                await Console.Error.WriteLineAsync(fault);
                return ExitCodes.Usage;
            }

            var tokens = UserTokens.Load(parse.GetValue(target.KeyFile), parse.GetValue(target.DataDirectory)!, time);
            return await RunAsync(options, tokens, parse.GetValue(target.Json), time, cancellation);
        });
        return command;
    }

    private static Option<T> New<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static async Task<int> RunAsync(
        FriendsOptions options, UserTokens tokens, bool json, TimeProvider time, CancellationToken cancellation)
    {
        var feed = new ProgressFeed();
        // The loop blocks in the kernel: a thread of its own, not the pool's.
        Task<FriendsReport> run = Task.Factory.StartNew(
            () =>
            {
                using var loop = new EventLoop(time);
                return new FriendsScenario(options, tokens, loop).Run(feed, cancellation);
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await new LiveProgress(feed, time).ShowAsync(run);
        FriendsReport report = await run;
        if (json)
        {
            JsonOutput.Print(report);
        }
        else
        {
            SummaryTable.Print(report);
        }

        return report.ExitCode;
    }
}
