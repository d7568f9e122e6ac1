using System.CommandLine;
using System.CommandLine.Parsing;
using Grpc.Core;
using Presence.Ctl.Commands;
using Presence.Server.Security;

namespace Presence.Ctl;

/// <summary>All commands, and what becomes of their errors: one line on standard error and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parse = Build().Parse(args);
        if (parse.Errors.Count > 0)
        {
            foreach (ParseError error in parse.Errors)
            {
                Console.Error.WriteLine(error.Message);
            }

            Console.Error.WriteLine($"Try: {PathOf(parse.CommandResult)} --help");
            return ExitCodes.Usage;
        }

        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Ok;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled)
        {
            return ExitCodes.Ok;
        }
        catch (RpcException e)
        {
            Console.Error.WriteLine(AdminErrors.Describe(e));
            return e.StatusCode == StatusCode.InvalidArgument ? ExitCodes.Usage : ExitCodes.Failed;
        }
        catch (KeyFormatException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
    }

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : "presencectl";

    private static RootCommand Build()
    {
        var root = new RootCommand("Looks into a Presence node and changes what it shows.");
        foreach (Command command in new[]
        {
            TokenCommand.Create(), StatusCommand.Create(), WatchCommand.Create(), QueryCommand.Create(),
            NodesCommand.Create(), TopCommand.Create(), RingCommand.Create(), NodeCommand.Create(), ShardsCommand.Create(), LinksCommand.Create(), SessionCommand.Create(), UserCommand.Create(), ExplainCommand.Create(),
            DrainCommand.Create(),
            RevokeCommand.Create(), RevocationsCommand.Create(),
        })
        {
            root.Subcommands.Add(command);
        }

        return root;
    }
}
