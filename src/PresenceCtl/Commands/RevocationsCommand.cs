using System.CommandLine;
using Presence.Admin.V1;
using Presence.Ctl.Output;

namespace Presence.Ctl.Commands;

/// <summary><c>revocations</c> lists what is revoked; <c>revocations lift</c> takes one back.</summary>
internal static class RevocationsCommand
{
    private const int APage = 1_000;

    public static Command Create()
    {
        var options = new AdminOptions();
        var command = new Command("revocations", "Lists what is revoked, a line each: its key, and what it concerns. Those of the operator's list begin with list:.");
        options.AddTo(command);
        command.Subcommands.Add(CreateLift());
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            var request = new ListRevocationsRequest { Most = APage };
            ListRevocationsResponse page;
            do
            {
                page = await admin.Service.ListRevocationsAsync(request, admin.Question(cancelled));
                foreach (Revocation revocation in page.Revocations)
                {
                    Console.Out.WriteLine(options.Json(parse) ? Json.Of(revocation) : RevocationText.Line(revocation));
                    request.After = revocation.Key;
                }
            }
            while (page.More);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command CreateLift()
    {
        var key = new Argument<string>("KEY") { Description = "The key of the revocation, as it is listed: user/7." };
        var options = new AdminOptions();
        var command = new Command("lift", "Takes a revocation back: its tokens are good again until they expire.") { key };
        options.AddTo(command);
        command.SetAction(async (parse, cancelled) =>
        {
            using AdminConnection admin = options.Connect(parse);
            await admin.Service.LiftRevocationAsync(new LiftRevocationRequest { Key = parse.GetValue(key) }, admin.Question(cancelled));
            return ExitCodes.Ok;
        });
        return command;
    }
}
