using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Presence.V1;

namespace Presence.Ctl.Commands;

/// <summary><c>status set</c> and <c>status get</c>.</summary>
internal static class StatusCommand
{
    private static readonly Dictionary<string, Status> Settable = new(StringComparer.OrdinalIgnoreCase)
    {
        ["online"] = Status.Online,
        ["away"] = Status.Away,
        ["busy"] = Status.Busy,
        ["offline"] = Status.Offline,
        ["invisible"] = Status.Invisible,
    };

    public static Command Create()
    {
        var command = new Command("status", "Sets or gets the status of users.");
        command.Subcommands.Add(CreateSet());
        command.Subcommands.Add(CreateGet());
        return command;
    }

    private static Command CreateSet()
    {
        Argument<ulong> id = CommonOptions.UserIdArgument();
        var status = new Argument<Status>("STATUS")
        {
            Description = "online, away, busy, offline or invisible.",
            CustomParser = static result =>
            {
                if (!Settable.TryGetValue(result.Tokens[0].Value, out Status value))
                {
                    result.AddError($"'{result.Tokens[0].Value}' is not a status; those are {string.Join(", ", Settable.Keys)}.");
                }

                return value;
            },
        };
        var text = new Option<string>("--text") { Description = "A status text, at most 128 bytes.", DefaultValueFactory = static _ => "" };
        var options = new AdminOptions();
        var command = new Command(
            "set", "Sets a status as if the user did, on a lease of its own (device presencectl) that ends unless repeated. 'offline' ends the user's leases and event streams.")
        {
            id, status, text,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new SetUserStatusRequest { UserId = parse.GetValue(id), Status = parse.GetValue(status), StatusText = parse.GetValue(text) };
            SetUserStatusResponse response = await admin.Service.SetUserStatusAsync(request, admin.Question(cancelled));
            Console.Out.WriteLine(options.Json(parse) ? Json.Of(response.Entry) : PresenceText.Line(response.Entry));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command CreateGet()
    {
        Argument<ulong[]> ids = CommonOptions.UserIdsArgument();
        var options = new AdminOptions();
        var command = new Command("get", "Prints the status of users, a line each, as others see them.") { ids };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new QueryPresenceRequest { UserIds = { parse.GetValue(ids)! } };
            QueryPresenceResponse response = await admin.Service.QueryPresenceAsync(request, admin.Question(cancelled));
            foreach (PresenceEntry entry in response.Entries)
            {
                Console.Out.WriteLine(options.Json(parse) ? Json.Of(entry) : PresenceText.Line(entry));
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
