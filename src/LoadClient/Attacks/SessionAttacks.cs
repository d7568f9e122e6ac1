using System.Buffers;
using Google.Protobuf;
using Presence.LoadClient.Connections;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Attacks;

/// <summary>An attack of somebody who has a token, and so a session.</summary>
internal abstract class SessionAttack : Attack
{
    public override bool MustEnter => true;

    public override void Begin(Attacker attacker) => attacker.SendHello();
}

/// <summary>Heartbeats, 2,000 a second.</summary>
internal sealed class HeartbeatFlood : SessionAttack
{
    private const int AtOnce = 100;

    private static readonly byte[] _frames = [.. Enumerable.Repeat(Frames.HeartbeatWithAck.ToArray(), AtOnce).SelectMany(static frame => frame)];

    public override string Name => "heartbeat_flood";

    public override TimeSpan Period => TimeSpan.FromMilliseconds(50);

    public override void Act(Attacker attacker) => attacker.Send(_frames);
}

/// <summary>Watches as many as it may, and all of them again, 50 times a second.</summary>
internal sealed class WatchFlood : SessionAttack
{
    public override string Name => "watch_flood";

    public override TimeSpan Period => TimeSpan.FromMilliseconds(20);

    // Refused beyond its rate, and kept.
    public override bool MustEnd => false;

    public override void Act(Attacker attacker) => attacker.Send(Frames.Watch(attacker.TakeRequest(), attacker.Plan.Victims));
}

/// <summary>Asks about as many as it may, 50 times a second, and takes the answers and refusals.</summary>
internal sealed class QueryFlood : SessionAttack
{
    public override string Name => "query_flood";

    public override TimeSpan Period => TimeSpan.FromMilliseconds(20);

    public override bool MustEnd => false;

    public override void Act(Attacker attacker) => attacker.Send(Frames.Query(attacker.TakeRequest(), attacker.Plan.Victims));
}

/// <summary>Watches and asks, and reads nothing of what it is told.</summary>
internal sealed class DeafWatcher : SessionAttack
{
    public override string Name => "deaf_watcher";

    // It does not hear that it is welcome.
    public override bool MustEnter => false;

    public override ConnectionManners Manners => ConnectionManners.Deaf;

    public override void Begin(Attacker attacker)
    {
        attacker.SendHello();
        attacker.Send(Frames.Watch(attacker.TakeRequest(), attacker.Plan.Victims));
    }

    public override void Act(Attacker attacker) => attacker.Send(Frames.Query(attacker.TakeRequest(), attacker.Plan.Victims));
}

/// <summary>Sends frames of a later protocol, each of which is answered with an error, and reads none of the answers.</summary>
internal sealed class DeafBabbler : SessionAttack
{
    private const int AtOnce = 20;

    // Field 1,000 of a frame, with a number in it.
    private static readonly byte[] _frame = [3, 0xC0, 0x3E, 0x01];
    private static readonly byte[] _frames = [.. Enumerable.Repeat(_frame, AtOnce).SelectMany(static frame => frame)];

    public override string Name => "deaf_babbler";

    public override bool MustEnter => false;

    public override ConnectionManners Manners => ConnectionManners.Deaf;

    public override void Act(Attacker attacker) => attacker.Send(_frames);
}

/// <summary>Changes its status 50 times a second.</summary>
internal sealed class StatusFlood : SessionAttack
{
    public override string Name => "status_flood";

    public override TimeSpan Period => TimeSpan.FromMilliseconds(20);

    public override bool MustEnd => false;

    public override void Act(Attacker attacker) =>
        attacker.Send(Frames.SetStatus(attacker.TakeRequest(), attacker.Acts % 2 == 0 ? Status.Away : Status.Busy));
}

/// <summary>Says Hello again and again on the session it has.</summary>
internal sealed class HelloFlood : SessionAttack
{
    public override string Name => "hello_flood";

    // A second Hello is an error, and the session stands.
    public override bool MustEnd => false;

    public override void Act(Attacker attacker) => attacker.SendHello();
}

/// <summary>Comes as one new device of its user after another: sessions that nobody ends.</summary>
internal sealed class DeviceFlood : Attack
{
    public override string Name => "device_flood";

    public override bool MustEnd => false;

    public override bool MustEnter => true;

    public override void Begin(Attacker attacker)
    {
        var output = new ArrayBufferWriter<byte>();
        var hello = new Hello
        {
            ProtocolVersion = ProtocolLimits.ProtocolVersion,
            Token = attacker.Plan.Tokens.Mint(attacker.UserId),
            DeviceId = $"device-{attacker.Plan.Random.NextInt64()}",
            DeviceKind = DeviceKind.Mobile,
            ResumeToken = ByteString.Empty,
        };
        ClientFrames.Write(output, new ClientFrame { Hello = hello }, Framing.LengthPrefix);
        attacker.Send(output.WrittenSpan);
    }

    public override void Act(Attacker attacker)
    {
        if (attacker.Acts % 5 == 0)
        {
            attacker.Abandon();
        }
    }
}
