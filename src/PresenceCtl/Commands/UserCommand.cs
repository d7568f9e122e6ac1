using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>user</c>: a user as it truly is, invisible or not.</summary>
internal static class UserCommand
{
    public static Command Create()
    {
        Argument<ulong> id = CommonOptions.UserIdArgument();
        var options = new AdminOptions();
        var command = new Command("user", "Shows a user as it truly is: what others are told, the fold, and every device with its deadlines.") { id };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            GetUserResponse response = await admin.Service.GetUserAsync(new() { UserId = parse.GetValue(id) }, admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
            }
            else
            {
                Write(response);
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    public static void Write(GetUserResponse user)
    {
        Table table = Screen.NewTable($"user {user.Visible.UserId}", "");
        table.AddRow(new Text("others see"), new Text(PresenceText.Describe(user.Visible)));
        table.AddRow("version", Times.Invariant(user.Visible.Version));
        table.AddRow("invisible", user.Invisible ? "yes" : "no");
        table.AddRow("fold", PresenceText.Words(user.TrueStatus, user.TrueDeviceKinds));
        if (user.HasTrueLastActiveMs)
        {
            table.AddRow("true last active", Times.Of(user.TrueLastActiveMs));
        }

        table.AddRow("shard", $"{user.Shard} (partition {user.Partition}{(user.InMemory ? "" : ", from the store")})");
        Screen.Write(table);
        foreach (DeviceInfo device in user.Devices)
        {
            Table details = Screen.NewTable("device", device.DeviceId.Length > 0 ? device.DeviceId : $"key {device.DeviceKey:x16}");
            details.AddRow("session", Times.Invariant(device.SessionId));
            foreach ((string name, string value) in DeviceText.Of(device))
            {
                details.AddRow(new Text(name), new Text(value));
            }

            Screen.Write(details);
        }
    }
}
