using System.Buffers;
using CsCheck;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>The golden rule: a hand-written encoder writes the bytes that Google.Protobuf writes.</summary>
public sealed class EncoderOracleTests
{
    private static readonly Gen<ulong> _number = Gen.OneOf(Gen.ULong, Gen.ULong[0, 300], Gen.OneOf<ulong>(0, ulong.MaxValue));
    private static readonly Gen<Framing> _framing = Gen.Enum<Framing>();

    [Fact]
    public void Ack() => Gen.Select(_number, _number, _framing).Sample((id, version, framing) =>
    {
        var expected = States.Oracle(new ServerFrame { Ack = new Ack { RequestId = id, Version = version } }, framing);
        Span<byte> span = stackalloc byte[AckFrame.MaxBytes];
        var output = new ArrayBufferWriter<byte>();
        AckFrame.Write(output, id, version, framing);
        return span[..AckFrame.Write(span, id, version, framing)].SequenceEqual(expected) && output.WrittenSpan.SequenceEqual(expected);
    });

    [Fact]
    public void HeartbeatAck() => Gen.Select(_number, Gen.UInt, _framing).Sample((time, interval, framing) =>
    {
        var message = new HeartbeatAck { ServerTimeMs = time, HeartbeatIntervalMs = interval };
        var expected = States.Oracle(new ServerFrame { HeartbeatAck = message }, framing);
        Span<byte> span = stackalloc byte[HeartbeatAckFrame.MaxBytes];
        var output = new ArrayBufferWriter<byte>();
        HeartbeatAckFrame.Write(output, time, interval, framing);
        return span[..HeartbeatAckFrame.Write(span, time, interval, framing)].SequenceEqual(expected)
            && output.WrittenSpan.SequenceEqual(expected);
    });

    [Fact]
    public void Update() => Gen.Select(States.Any, _framing).Sample((state, framing) =>
    {
        var batch = new PresenceBatch { Entries = { States.Entry(state) } };
        var expected = States.Oracle(new ServerFrame { PresenceBatch = batch }, framing);
        Span<byte> span = stackalloc byte[UpdateFrame.MaxBytes];
        var output = new ArrayBufferWriter<byte>();
        UpdateFrame.Write(output, state, framing);
        return span[..UpdateFrame.Write(span, state, framing)].SequenceEqual(expected)
            && output.WrittenSpan.SequenceEqual(expected)
            && UpdateFrame.Size(state, framing) == expected.Length;
    }, iter: 5_000);

    [Fact]
    public void The_largest_frames_take_the_bytes_that_are_promised()
    {
        var span = new byte[1_000];
        var framing = Framing.LengthPrefix;
        Assert.Equal(AckFrame.MaxBytes, AckFrame.Write(span, ulong.MaxValue, ulong.MaxValue, framing));
        Assert.Equal(HeartbeatAckFrame.MaxBytes, HeartbeatAckFrame.Write(span, ulong.MaxValue, uint.MaxValue, framing));
        Assert.InRange(UpdateFrame.Write(span, States.Largest, framing), 1, UpdateFrame.MaxBytes);
    }

    [Fact]
    public void A_short_destination_is_refused_with_the_size_it_needs()
    {
        var error = Assert.Throws<ArgumentException>(() => AckFrame.Write(new byte[5], 1, 1, Framing.LengthPrefix));
        Assert.StartsWith("The frame takes 14 bytes, the destination has 5.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_text_over_its_limit_is_refused()
    {
        var state = PresenceState.NeverSeen(1) with { StatusText = new byte[ProtocolLimits.MaxStatusTextBytes + 1] };
        Assert.Throws<ArgumentException>(() => UpdateFrame.Size(state, Framing.Message));
    }

    [Fact]
    public void The_state_generator_is_not_vacuous()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void See(string what, bool yes) => seen[what] = seen.GetValueOrDefault(what) + (yes ? 1 : 0);
        States.Any.Sample(state =>
        {
            See("no id", state.UserId == 0);
            See("no version", state.Version == 0);
            See("no time", state.LastActiveMs < 0);
            See("time 0", state.LastActiveMs == 0);
            See("largest time", state.AsOfMs == long.MaxValue);
            See("null text", state.StatusText is null);
            See("empty text", state.StatusText is { Length: 0 });
            See("text", state.StatusText is { Length: > 0 });
            See("longest text", state.StatusText is { Length: ProtocolLimits.MaxStatusTextBytes });
            See("several kinds", System.Numerics.BitOperations.PopCount((uint)state.Kinds) > 1);
            See("reset", state.Reset);
            See("entry of two length bytes", States.Entry(state).CalculateSize() > 127);
        }, iter: 5_000, threads: 1);
        Assert.All(seen, pair => Assert.True(pair.Value >= 20, $"{pair.Key}: {pair.Value} of at least 20"));
    }
}
