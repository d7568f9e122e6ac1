using System.CommandLine;
using Grpc.Core;
using Presence.Ctl;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Scenarios.Celebrity;
using Presence.LoadClient.Scenarios.Flap;
using Presence.LoadClient.Scenarios.Friends;
using Presence.LoadClient.Scenarios.Hostile;
using Presence.LoadClient.Scenarios.Nodes;
using Presence.LoadClient.Scenarios.Ramp;
using Presence.LoadClient.Scenarios.Read;
using Presence.LoadClient.Scenarios.Restart;
using Presence.LoadClient.Scenarios.Storm;
using Presence.Server.Security;

var root = new RootCommand("Drives a presence server with many real clients and checks what they see.")
{
    FriendsCommand.Create(TimeProvider.System),
    HostileCommand.Create(TimeProvider.System),
    RampCommand.Create(TimeProvider.System),
    CelebrityCommand.Create(TimeProvider.System),
    FlapCommand.Create(TimeProvider.System),
    ReadCommand.Create(TimeProvider.System),
    StormCommand.Create(TimeProvider.System),
    RestartCommand.Create(TimeProvider.System),
    NodesCommand.Create(TimeProvider.System),
};
ParseResult parse = root.Parse(args);
if (parse.Errors.Count > 0)
{
    foreach (var error in parse.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    return ExitCodes.Usage;
}

try
{
    return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (KeyFormatException e)
{
    Console.Error.WriteLine(
        $"{e.Message} Name the server's --data-directory or its --key-file; a server in Development makes a key at its first start.");
    return ExitCodes.Usage;
}
catch (RpcException e)
{
    Console.Error.WriteLine(AdminErrors.Describe(e));
    return ExitCodes.Usage;
}
catch (PlatformNotSupportedException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Usage;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Cancelled: nothing was compared.");
    return ExitCodes.Wrong;
}
