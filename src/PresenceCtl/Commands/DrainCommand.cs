using System.CommandLine;
using Grpc.Core;
using Presence.Admin.V1;
using Presence.Ctl.Output;

namespace Presence.Ctl.Commands;

/// <summary><c>drain</c>: ends a node without anybody being seen to go, and stays until it has ended.</summary>
internal static class DrainCommand
{
    public static Command Create()
    {
        var time = new Option<TimeSpan?>("--time")
        {
            Description = "Over how long those who are sent away come back, such as 30s or 2m; by default as the node's Presence:Admission:DrainTime.",
            CustomParser = static result => Durations.Parse(result.Tokens[0].Value, result),
        };
        var node = new Argument<string?>("node") { Description = "The id of the node of the cluster; by default the one that is asked.", Arity = ArgumentArity.ZeroOrOne };
        var options = new AdminOptions();
        var command = new Command(
            "drain", "Ends a node: its clients are told to leave, each with its own slot at which to come back, and are shown as they are until then.")
        {
            node,
            time,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse, parse.GetValue(node));
            var request = new DrainRequest();
            if (parse.GetValue(time) is { } within)
            {
                request.DrainTimeMs = (uint)within.TotalMilliseconds;
            }

            using AsyncServerStreamingCall<DrainResponse> call = admin.Service.Drain(request, admin.Watch(cancelled));
            return await FollowAsync(call.ResponseStream.ReadAllAsync(cancelled), options.Json(parse));
        });
        return command;
    }

    private static async Task<int> FollowAsync(IAsyncEnumerable<DrainResponse> progress, bool json)
    {
        bool stops = false;
        uint? last = null;
        await foreach (DrainResponse now in progress)
        {
            stops |= now.Stops;
            if (json)
            {
                Console.Out.WriteLine(Json.Of(now));
            }
            else if (last is null)
            {
                Console.Out.WriteLine($"{now.Connections} connections are told to leave; until {Times.Of(now.HeldUntilMs)} they are shown as they are.");
            }
            else if (now.Connections != last)
            {
                Console.Out.WriteLine($"{now.Connections} are left.");
            }

            last = now.Connections;
            Console.Out.Flush();
        }

        if (!stops)
        {
            Console.Error.WriteLine("The node ended before it had said that all were told. If it was killed, its clients come back as after a crash.");
            return ExitCodes.Failed;
        }

        if (!json)
        {
            Console.Out.WriteLine("The node stops.");
        }

        return ExitCodes.Ok;
    }
}
