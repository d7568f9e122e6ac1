using Presence.Engine;
using Presence.V1;

namespace Presence.Server.Cluster.Rehearsing;

/// <summary>A connection to nobody.</summary>
/// <param name="user">Whose.</param>
internal sealed class RehearsalClient(ulong user) : ConnectionPort
{
    public ulong Of => user;

    /// <summary>As it was welcomed; 0 before.</summary>
    public ulong Session { get; private set; }

    public int Flushes { get; private set; }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
    }

    protected override bool Flush()
    {
        Flushes++;
        return true;
    }

    protected override void WriteWelcome(in SessionWelcome welcome) => Session = welcome.SessionId;

    protected override void Close(CloseCode code)
    {
    }
}
