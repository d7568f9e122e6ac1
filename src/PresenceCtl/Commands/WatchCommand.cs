using System.CommandLine;
using Grpc.Core;
using Presence.Admin.V1;
using Presence.Ctl.Output;
using Presence.V1;
using Spectre.Console;

namespace Presence.Ctl.Commands;

/// <summary><c>watch</c>: a table that changes in place on a terminal, else a line a change.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        Argument<ulong[]> ids = CommonOptions.UserIdsArgument();
        var options = new AdminOptions();
        var command = new Command("watch", "Shows users and every change of theirs until stopped with Ctrl+C.") { ids };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new WatchPresenceRequest { UserIds = { parse.GetValue(ids)! } };
            using AsyncServerStreamingCall<WatchPresenceResponse> call = admin.Service.WatchPresence(request, admin.Watch(cancelled));
            IAsyncEnumerable<WatchPresenceResponse> changes = call.ResponseStream.ReadAllAsync(cancelled);
            bool table = !options.Json(parse) && AnsiConsole.Profile.Out.IsTerminal;
            await (table ? ShowAsync(changes, request.UserIds) : PrintAsync(changes, options.Json(parse)));
            Console.Error.WriteLine("The server ended the watch; watch again.");
            return ExitCodes.Failed;
        });
        return command;
    }

    private static async Task PrintAsync(IAsyncEnumerable<WatchPresenceResponse> changes, bool json)
    {
        await foreach (WatchPresenceResponse change in changes)
        {
            foreach (PresenceEntry entry in change.Entries)
            {
                Console.Out.WriteLine(json ? Json.Of(entry) : $"{Times.Clock(TimeProvider.System.GetLocalNow())}  {PresenceText.Line(entry)}");
            }

            Console.Out.Flush();
        }
    }

    private static async Task ShowAsync(IAsyncEnumerable<WatchPresenceResponse> changes, IEnumerable<ulong> userIds)
    {
        var rows = new WatchTable(userIds);
        await AnsiConsole.Live(rows.Render()).StartAsync(async live =>
        {
            await foreach (WatchPresenceResponse change in changes)
            {
                rows.Take(change.Entries, TimeProvider.System.GetLocalNow());
                live.UpdateTarget(rows.Render());
            }
        });
    }
}
