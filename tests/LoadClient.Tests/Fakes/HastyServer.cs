using Presence.V1;

namespace Presence.LoadClient.Tests.Fakes;

/// <summary>Acks a heartbeat of user 1 before it has welcomed it.</summary>
internal sealed class HastyServer : FakeServer
{
    protected override IEnumerable<ServerFrame> OnHello(ulong user, int nth) => user == 1
        ? base.OnHello(user, nth).Prepend(new ServerFrame { HeartbeatAck = new HeartbeatAck { HeartbeatIntervalMs = 30_000 } })
        : base.OnHello(user, nth);
}
