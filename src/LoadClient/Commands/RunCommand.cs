using System.CommandLine;
using System.Reflection;
using Presence.Ctl;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Machine;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Reports.Html;
using Presence.LoadClient.Scenarios;

namespace Presence.LoadClient.Commands;

/// <summary>Runs a scenario, shows how it goes, and reports in every form that was asked for.</summary>
internal sealed class RunCommand(TargetOptions options, ParseResult parse, TimeProvider time)
{
    /// <exception cref="Server.Security.KeyFormatException">There is no key to mint tokens from.</exception>
    /// <exception cref="Grpc.Core.RpcException">The admin listener that was named does not answer.</exception>
    public async Task<int> RunAsync(Func<RunContext, RunReport> scenario, CancellationToken cancellation)
    {
        Servers servers = parse.GetValue(options.Server)!;
        var target = new RunTarget(
            servers,
            UserTokens.Load(parse.GetValue(options.KeyFile), parse.GetValue(options.DataDirectory)!, time),
            parse.GetValue(options.Duration),
            parse.GetValue(options.Seed),
            (ulong)parse.GetValue(options.FirstUser));
        int? given = parse.GetValue(options.ServerPid);
        IReadOnlyCollection<int> Processes() => given is { } id ? [id] : ProcessesOf(servers);
        await using NodeWatch? node = parse.GetValue(options.Admin) is { } admin ? await WatchAsync(admin, cancellation) : null;
        var server = new ServerUsage(Processes, node);
        RunInfo info = Describe(servers, Processes());
        var feed = new ProgressFeed();
        // The loop blocks in the kernel: a thread of its own, not the pool's.
        Task<RunReport> run = Task.Factory.StartNew(
            () =>
            {
                using var loop = new EventLoop(time);
                return scenario(new RunContext(loop, target, server, info, feed, cancellation));
            },
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await new LiveProgress(feed, time).ShowAsync(run);
        RunReport report = await run;
        Show(report);
        return report.ExitCode;
    }

    private Task<NodeWatch> WatchAsync(string admin, CancellationToken cancellation)
    {
        string? token = Environment.GetEnvironmentVariable(LocalCredentials.TokenVariable);
        return NodeWatch.StartAsync(
            admin,
            string.IsNullOrEmpty(token) ? LocalCredentials.AdminToken(parse.GetValue(options.DataDirectory)!, UserTokens.Lifetime) : token,
            time,
            cancellation);
    }

    private void Show(RunReport report)
    {
        if (parse.GetValue(options.Html) is { } html)
        {
            HtmlReport.Write(html, report);
        }

        if (parse.GetValue(options.Json))
        {
            JsonOutput.Print(report);
        }
        else
        {
            SummaryTable.Print(report);
        }

        SummaryTable.Explain(report);
    }

    private RunInfo Describe(Servers servers, IReadOnlyCollection<int> processes) => new(
        $"LoadClient {string.Join(' ', Environment.GetCommandLineArgs().Skip(1).Select(Quote))}",
        servers.ToString(),
        processes.Select(ServerBuild.VersionOf).FirstOrDefault(static version => version is not null),
        typeof(RunCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "not known",
        MachineDescription.Read(),
        time.GetUtcNow());

    // All of them or none: the usage of half the servers would be read as that of all.
    private static int[] ProcessesOf(Servers servers)
    {
        int?[] found = [.. servers.EndPoints.Select(ListeningProcess.Find)];
        return found.All(static id => id is not null) ? [.. found.Select(static id => id!.Value).Distinct()] : [];
    }

    private static string Quote(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument;
}
