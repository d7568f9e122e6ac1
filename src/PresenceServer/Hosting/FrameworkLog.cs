using Microsoft.Extensions.Logging.Console;
using Presence.Server.Cluster;

namespace Presence.Server.Hosting;

/// <summary>
/// What the framework says of every request is noise beside what the node says; a Logging section of the configuration can ask for it. And what it says of
/// a start that fails is said once more, better, by <see cref="StartFailure"/>. Nobody waits for who reads the log: what a pipe does not take is left out, and counted when it takes more.
/// </summary>
internal sealed class FrameworkLog
{
    private volatile bool _started;

    public void Limit(ILoggingBuilder logging)
    {
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // What the silo says of its members is said of the ring, once.
        logging.AddFilter("Orleans", LogLevel.Error);
        logging.AddFilter(typeof(PeerService).FullName, LogLevel.Error);
        foreach (string category in new[] { "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Extensions.Hosting.Internal.Host" })
        {
            logging.AddFilter(category, level => _started && level >= LogLevel.Warning);
        }
    }

    public void Started() => _started = true;
}
