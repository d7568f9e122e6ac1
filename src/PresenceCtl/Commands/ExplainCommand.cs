using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;

namespace Presence.Ctl.Commands;

/// <summary><c>explain</c>: why a user looks as it does.</summary>
internal static class ExplainCommand
{
    private const uint Most = 1_000;

    public static Command Create()
    {
        Argument<ulong> id = CommonOptions.UserIdArgument();
        var since = new Option<TimeSpan>("--since")
        {
            Description = "How far back to look in the journal; the further, the more is read.",
            DefaultValueFactory = static _ => TimeSpan.FromHours(1),
            CustomParser = static result => Durations.Parse(result.Tokens[0].Value, result),
        };
        Option<uint> last = Count("--last", "Transitions that are shown, the newest.");
        Option<uint> watchers = Count("--watchers", "Watchers that are named.");
        var options = new AdminOptions();
        var command = new Command("explain", "Says why a user looks as it does: its devices, its last transitions with their causes, and who watches it.")
        {
            id, since, last, watchers,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new ExplainUserRequest
            {
                UserId = parse.GetValue(id),
                SinceMs = (ulong)(TimeProvider.System.GetUtcNow() - parse.GetValue(since)).ToUnixTimeMilliseconds(),
                Transitions = parse.GetValue(last),
                Watchers = parse.GetValue(watchers),
            };
            ExplainUserResponse response = await admin.Service.ExplainUserAsync(request, admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
            }
            else
            {
                Write(request, response);
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Write(ExplainUserRequest request, ExplainUserResponse response)
    {
        Console.Out.WriteLine($"user {request.UserId}: {ExplainText.Why(response)}");
        if (response.User is { } user)
        {
            UserCommand.Write(user);
        }

        if (response.Transitions.Count > 0)
        {
            Screen.Write(ExplainText.Table(response.Transitions));
        }

        foreach (string line in ExplainText.Notes(response, request.Transitions))
        {
            Console.Out.WriteLine(line);
        }
    }

    private static Option<uint> Count(string name, string description)
    {
        var option = new Option<uint>(name) { Description = $"{description} 1 to {Most}.", DefaultValueFactory = static _ => 20 };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<uint>() is 0 or > Most)
            {
                result.AddError($"{name} is a number from 1 to {Most}.");
            }
        });
        return option;
    }
}
