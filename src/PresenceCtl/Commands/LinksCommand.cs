using System.CommandLine;
using System.Globalization;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>links</c>: the gateways and what comes through them.</summary>
internal static class LinksCommand
{
    private static readonly (string Name, Func<LinkInfo, string> Read)[] Figures =
    [
        ("state", StateOf),
        ("users up", static link => Number(link.Users)),
        ("last seq", static link => Number(link.LastSeq)),
        ("beats/s", static link => link.BeatsPerSecond.ToString("N0", CultureInfo.InvariantCulture)),
        ("ups", static link => Number(link.Ups)),
        ("downs", static link => Number(link.Downs)),
        ("passed over", static link => Number(link.PassedOver)),
        ("refused users", static link => Number(link.RefusedUsers)),
        ("refused frames", static link => Number(link.RefusedFrames)),
        ("unapplied", static link => Number(link.Unapplied)),
        ("flow", FlowOf),
        ("watches all", static link => link.Connection?.WatchesAll == true ? "yes" : "no"),
        ("since", static link => link.Connection is { } connection ? Times.Of(connection.SinceMs) : ""),
        ("from", static link => link.Remote),
    ];

    public static Command Create()
    {
        var options = new AdminOptions();
        var command = new Command("links", "Shows every gateway: its link, the users up on it, and what became of its frames.");
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            ListLinksResponse response = await admin.Service.ListLinksAsync(new(), admin.Question(cancelled));
            if (options.Json(parse))
            {
                Console.Out.WriteLine(Json.Of(response));
            }
            else
            {
                Screen.Write(TableOf(response.Links));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static Table TableOf(IEnumerable<LinkInfo> links)
    {
        Table table = Screen.NewTable(["gateway", .. Figures.Select(static figure => figure.Name)]);
        foreach (LinkInfo link in links)
        {
            table.AddRow([new Text(Screen.Clean(link.GatewayId)), .. Figures.Select(figure => new Text(figure.Read(link)))]);
        }

        return table;
    }

    private static string StateOf(LinkInfo link) =>
        link.State.ToString().ToLowerInvariant() + (link.HasHeldForMs ? $" for {Times.Seconds(link.HeldForMs)}" : "");

    private static string FlowOf(LinkInfo link) => link.Connection switch
    {
        { Congested: true } => "congested",
        { ReaderPaused: true } => "paused",
        _ => "",
    };

    private static string Number(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
