using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Presence.Server.Storage;

namespace Presence.Server.Hosting;

/// <summary>What is said of an exception that ends the process, and with which code it does.</summary>
internal static class StartFailure
{
    /// <summary>Writes what was wrong and what to do; for what nobody foresaw, with the trace above it.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(Exception failure, TextWriter output)
    {
        (string text, int code) = failure switch
        {
            ConfigurationException e => (EffectiveConfiguration.Describe(e.Errors).TrimEnd(), ExitCodes.BadConfiguration),
            KeyFormatException e => (e.Message, ExitCodes.BadConfiguration),
            DataDirectoryException e => (e.Message, e.ExitCode),
            ListenerException e => (e.Message, e.ExitCode),
            NodeNameException e => (e.Message, ExitCodes.InUse),
            ClockAheadException e => (e.Message, ExitCodes.BadConfiguration),
            _ => ($"{failure}{Environment.NewLine}The server has failed ({failure.Message.TrimEnd('.')}) and ends. Report this with the trace above.", ExitCodes.Internal),
        };
        output.WriteLine(text);
        return code;
    }

    /// <summary>Ends the process with 70 for what is thrown on a thread where nobody waits for it; the runtime itself would abort.</summary>
    public static void EndOnUnhandled() => AppDomain.CurrentDomain.UnhandledException +=
        static (_, failed) => Environment.Exit(Report((Exception)failed.ExceptionObject, Console.Error));
}
