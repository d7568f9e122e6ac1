using System.Buffers.Binary;
using Google.Protobuf;
using Presence.LoadClient.Connections;
using Presence.V1;

namespace Presence.LoadClient.Attacks;

/// <summary>Connects, and waits.</summary>
internal sealed class Silence : Attack
{
    public override string Name => "silence";
}

/// <summary>Sends its Hello a byte a second.</summary>
internal sealed class Drip : Attack
{
    public override string Name => "drip";

    public override TimeSpan Period => TimeSpan.FromSeconds(1);

    public override void Act(Attacker attacker)
    {
        byte[] hello = Frames.Hello(attacker.Plan.Tokens.Mint(attacker.UserId)).ToArray();
        attacker.Send(hello.AsSpan(attacker.Step++ % hello.Length, 1));
    }
}

/// <summary>Sends bytes that mean nothing.</summary>
internal sealed class Garbage : Attack
{
    private const int Bytes = 512;

    public override string Name => "garbage";

    public override void Begin(Attacker attacker)
    {
        byte[] bytes = new byte[Bytes];
        attacker.Plan.Random.NextBytes(bytes);
        attacker.Send(bytes);
    }
}

/// <summary>Announces a frame of 2 GiB, and sends some of it.</summary>
internal sealed class GiantFrame : Attack
{
    public override string Name => "giant_frame";

    public override void Begin(Attacker attacker)
    {
        Span<byte> bytes = stackalloc byte[1_024];
        // The varint of 2^31 - 1.
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0xFFFF_FFFF);
        bytes[4] = 0x07;
        attacker.Send(bytes);
    }
}

/// <summary>Says Hello with a token that somebody else signed.</summary>
internal sealed class Forgery : Attack
{
    public override string Name => "forgery";

    public override void Begin(Attacker attacker)
    {
        // Well formed to the end: one character of the signature is another.
        string token = attacker.Plan.Tokens.Mint(attacker.UserId);
        attacker.Send(Frames.Hello($"{token[..^20]}{(token[^20] == 'A' ? 'B' : 'A')}{token[^19..]}"));
    }
}

/// <summary>Says Hello with a resume token that nobody gave out.</summary>
internal sealed class ForgedResume : Attack
{
    private const int TokenBytes = 96;

    public override string Name => "forged_resume";

    public override void Begin(Attacker attacker)
    {
        byte[] token = new byte[TokenBytes];
        attacker.Plan.Random.NextBytes(token);
        attacker.Send(Frames.Hello("", ByteString.CopyFrom(token), Status.Online));
    }
}

/// <summary>Says Hello, resets the connection a moment later, and comes again.</summary>
internal sealed class Churn : Attack
{
    public override string Name => "churn";

    public override bool MustEnd => false;

    public override void Begin(Attacker attacker) => attacker.SendHello();

    public override void Act(Attacker attacker) => attacker.Abandon();
}
