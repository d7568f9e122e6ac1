using System.Collections.Concurrent;
using System.Diagnostics;
using Presence.V1;

namespace Presence.LoadClient.Tests.Fakes;

/// <summary>Sends everybody away once who comes back, with the time to come again.</summary>
internal sealed class PacingServer(TimeSpan slot) : FakeServer
{
    private readonly ConcurrentDictionary<ulong, long> _sentAway = new();

    /// <summary>Those that came before their time.</summary>
    public int TooEarly { get; private set; }

    protected override IEnumerable<ServerFrame> OnHello(ulong user, int nth)
    {
        if (nth == 2)
        {
            _sentAway[user] = Stopwatch.GetTimestamp();
            uint after = (uint)slot.TotalMilliseconds;
            return
            [
                new ServerFrame { Error = new Error { Code = ErrorCode.Overloaded, Message = "Later.", ReconnectAfterMs = after } },
                new ServerFrame { GoAway = new GoAway { CloseCode = CloseCode.Overloaded, ReconnectAfterMs = after } },
            ];
        }

        if (nth == 3 && Stopwatch.GetElapsedTime(_sentAway[user]) < slot)
        {
            TooEarly++;
        }

        return base.OnHello(user, nth);
    }
}
