using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Storage;

using var signals = new StopSignals();
StartFailure.EndOnUnhandled();

// Sockets complete on the poll thread. Read once by the socket library, when it is first used; without it every read costs a thread-pool hop.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

try
{
    var words = CommandLineWords.Read(args);
    WebApplicationBuilder builder = WebApplication.CreateBuilder([.. words.Settings]);
    LoadedConfiguration loaded = ConfigurationLoader.Load(builder.Configuration, builder.Environment.IsDevelopment(), Machine.Current());
    loaded = loaded with { Errors = [.. words.Errors, .. loaded.Errors] };
    if (words.CheckOnly)
    {
        (string text, int exitCode) = EffectiveConfiguration.Describe(loaded);
        (exitCode == ExitCodes.Clean ? Console.Out : Console.Error).Write(text);
        return exitCode;
    }

    PresenceConfiguration configuration = loaded.OrThrow();
    await using Joining? joining = await builder.JoinAsync(configuration, signals);
    using DataDirectory directory = DataDirectory.Open(configuration.DataDirectory, joining?.Identity.Seed);
    return signals.Asked ? ExitCodes.Clean : await builder.RunNodeAsync(configuration, directory, joining, signals);
}
catch (OperationCanceledException) when (signals.Asked)
{
    return ExitCodes.Clean;
}
catch (Exception e)
{
    return StartFailure.Report(e, Console.Error);
}
