using System.CommandLine;
using System.Globalization;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>ring</c>: who is home of how much.</summary>
internal static class RingCommand
{
    public static Command Create()
    {
        var options = new AdminOptions();
        var command = new Command("ring", "Shows the ring: its version, its members, what part of the users is at home on each, and how evenly.");
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            GetRingResponse ring = await admin.Service.GetRingAsync(new(), admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(ring));
            }
            else
            {
                Write(ring);
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Write(GetRingResponse ring)
    {
        double even = (double)ring.Slices / ring.Members.Count;
        Table table = Screen.NewTable("node");
        foreach (string name in (string[])["ordinal", "slices", "of the users", "of an even share"])
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        foreach (RingMember member in ring.Members)
        {
            table.AddRow(
                [
                    Screen.Clean(member.NodeId),
                    Times.Invariant(member.Ordinal),
                    member.Slices.ToString("N0", CultureInfo.InvariantCulture),
                    ((double)member.Slices / ring.Slices).ToString("P1", CultureInfo.InvariantCulture),
                    (member.Slices / even).ToString("P1", CultureInfo.InvariantCulture),
                ]);
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Ring of version {ring.Version}: {ring.Slices:N0} slices, {ring.Members.Count} members."));
        Screen.Write(table);
    }
}
