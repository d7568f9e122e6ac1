using Microsoft.AspNetCore.Connections;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Storage;

// Sockets complete on the poll thread. Read once by the socket library, when it is first used; without it every read costs a thread-pool hop.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

bool checkOnly = args.Contains("--check-config");
WebApplicationBuilder builder = WebApplication.CreateBuilder([.. args.Where(static arg => arg != "--check-config")]);
// What the framework says of every request is noise beside what the node says; a Logging section of the configuration can ask for it.
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
LoadedConfiguration loaded = ConfigurationLoader.Load(builder.Configuration, builder.Environment.IsDevelopment(), Machine.Current());
if (checkOnly)
{
    (string text, int exitCode) = EffectiveConfiguration.Describe(loaded);
    (exitCode == ExitCodes.Clean ? Console.Out : Console.Error).Write(text);
    return exitCode;
}

try
{
    PresenceConfiguration configuration = loaded.OrThrow();
    using DataDirectory directory = DataDirectory.Open(configuration.DataDirectory);
    WebApplication app = builder.Compose(configuration, directory);
    await app.RunAsync();
    return ExitCodes.Clean;
}
catch (ConfigurationException e)
{
    Console.Error.Write(EffectiveConfiguration.Describe(e.Errors));
    return ExitCodes.BadConfiguration;
}
catch (KeyFormatException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.BadConfiguration;
}
catch (DataDirectoryException e)
{
    Console.Error.WriteLine(e.Message);
    return e.ExitCode;
}
catch (IOException e) when (e.InnerException is AddressInUseException)
{
    Console.Error.WriteLine($"{e.Message} Stop the other process, or choose another address under Presence:Listen.");
    return ExitCodes.InUse;
}
