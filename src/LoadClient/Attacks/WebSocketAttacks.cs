using System.Text;
using Presence.LoadClient.Connections;
using Presence.Protocol;

namespace Presence.LoadClient.Attacks;

/// <summary>An attack on the WebSocket listener: HTTP and RFC 6455 byte by byte, since no library sends what is wrong.</summary>
internal abstract class WebSocketAttack : Attack
{
    private const string Upgrade =
        "GET /v1/connect HTTP/1.1\r\nHost: presence\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: " + ProtocolLimits.Subprotocol + "\r\n\r\n";

    private static readonly byte[] _upgrade = Encoding.ASCII.GetBytes(Upgrade);

    protected static ReadOnlySpan<byte> UpgradeRequest => _upgrade;

    public sealed override ConnectionManners Manners => ConnectionManners.Raw;

    public sealed override bool IsOverWebSocket => true;
}

/// <summary>Sends its upgrade a byte a second.</summary>
internal sealed class UpgradeDrip : WebSocketAttack
{
    public override string Name => "websocket_drip";

    public override TimeSpan Period => TimeSpan.FromSeconds(1);

    public override void Act(Attacker attacker) => attacker.Send(UpgradeRequest.Slice(attacker.Step++ % UpgradeRequest.Length, 1));
}

/// <summary>Sends headers without end.</summary>
internal sealed class HeaderFlood : WebSocketAttack
{
    private static readonly byte[] _header = Encoding.ASCII.GetBytes($"X-Padding: {new string('x', 1_000)}\r\n");

    public override string Name => "websocket_headers";

    public override void Begin(Attacker attacker) => attacker.Send(UpgradeRequest[..^2]);

    public override void Act(Attacker attacker) => attacker.Send(_header);
}

/// <summary>Upgrades, then sends one kind of frame again and again.</summary>
internal abstract class UpgradedAttack : WebSocketAttack
{
    protected abstract ReadOnlySpan<byte> Frame { get; }

    public override bool MustEnter => true;

    public override TimeSpan Period => TimeSpan.FromMilliseconds(10);

    public override void Begin(Attacker attacker) => attacker.Send(UpgradeRequest);

    public override void Hear(Attacker attacker, ReadOnlySpan<byte> bytes)
    {
        // The first thing heard is whether it is upgraded.
        if (attacker.Step == 0)
        {
            attacker.Step = bytes.StartsWith("HTTP/1.1 101"u8) ? 1 : 2;
            if (attacker.Step == 1)
            {
                attacker.Entered();
                Enter(attacker);
            }
        }
    }

    /// <summary>It is upgraded: what comes before the frames.</summary>
    protected virtual void Enter(Attacker attacker)
    {
    }

    public override void Act(Attacker attacker)
    {
        if (attacker.Step == 1)
        {
            attacker.Send(Frame);
        }
    }
}

/// <summary>Frames without a mask.</summary>
internal sealed class Unmasked : UpgradedAttack
{
    private static readonly byte[] _frame = [0x82, 2, 0x08, 0x00];

    public override string Name => "websocket_unmasked";

    protected override ReadOnlySpan<byte> Frame => _frame;
}

/// <summary>Says Hello, then pings of the greatest length, 400 a second.</summary>
internal sealed class PingFlood : UpgradedAttack
{
    private const int Length = 125;
    private const int AtOnce = 4;

    // Masked with zero.
    private static readonly byte[] _ping = [0x89, 0x80 | Length, 0, 0, 0, 0, .. new byte[Length]];
    private static readonly byte[] _frame = [.. Enumerable.Repeat(_ping, AtOnce).SelectMany(static ping => ping)];

    public override string Name => "websocket_pings";

    protected override ReadOnlySpan<byte> Frame => _frame;

    protected override void Enter(Attacker attacker)
    {
        ReadOnlySpan<byte> hello = Frames.Hello(attacker.Plan.Tokens.Mint(attacker.UserId));
        // A message has the length that the prefix says: more than 125 bytes, masked with zero.
        ReadOnlySpan<byte> payload = hello[2..];
        attacker.Send([0x82, 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length, 0, 0, 0, 0, .. payload]);
    }
}

/// <summary>One message that has no end, in fragments of a byte.</summary>
internal sealed class Fragments : UpgradedAttack
{
    private static readonly byte[] _frame = [0x00, 0x81, 0, 0, 0, 0, 0x08];

    public override string Name => "websocket_fragments";

    protected override ReadOnlySpan<byte> Frame => _frame;

    // The beginning of the message; what follows continues it.
    protected override void Enter(Attacker attacker) => attacker.Send([0x02, 0x81, 0, 0, 0, 0, 0x08]);
}
