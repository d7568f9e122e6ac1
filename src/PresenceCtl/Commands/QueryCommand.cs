using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;

namespace Presence.Ctl.Commands;

/// <summary><c>query</c>: what is shown of users, with versions.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        Argument<ulong[]> ids = CommonOptions.UserIdsArgument();
        var options = new AdminOptions();
        var command = new Command("query", "Asks once what is shown of users: status, version, last active, devices.") { ids };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new QueryPresenceRequest { UserIds = { parse.GetValue(ids)! } };
            QueryPresenceResponse response = await admin.Service.QueryPresenceAsync(request, admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
            }
            else
            {
                Screen.Write(PresenceText.Table(response.Entries));
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
