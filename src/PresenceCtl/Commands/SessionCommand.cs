using System.CommandLine;
using System.Globalization;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>session</c>: one session by the id of its Welcome.</summary>
internal static class SessionCommand
{
    public static Command Create()
    {
        var id = new Argument<ulong>("ID")
        {
            Description = "The session_id of the Welcome.",
            CustomParser = static result =>
            {
                string text = result.Tokens[0].Value;
                if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong session))
                {
                    result.AddError($"'{text}' is not a session id; that is the session_id of a Welcome in decimal, as 'presencectl user' shows it.");
                }

                return session;
            },
        };
        var options = new AdminOptions();
        var command = new Command("session", "Shows one session: whose it is, its connection, when it is gone.") { id };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new GetSessionRequest { SessionId = parse.GetValue(id) };
            GetSessionResponse response = await admin.Service.GetSessionAsync(request, admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
                return ExitCodes.Ok;
            }

            Table table = Screen.NewTable($"session {response.Device.SessionId}", "");
            table.AddRow("user", Times.Invariant(response.UserId));
            table.AddRow("shard", Times.Invariant(response.Shard));
            foreach ((string name, string value) in DeviceText.Of(response.Device))
            {
                table.AddRow(new Text(name), new Text(value));
            }

            Screen.Write(table);
            return ExitCodes.Ok;
        });
        return command;
    }
}
