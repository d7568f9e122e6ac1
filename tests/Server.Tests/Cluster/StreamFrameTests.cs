using CsCheck;
using Presence.Server.Cluster;
using Presence.Server.Cluster.Streams;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>Batches of a call and what became of them, as bytes on a stream.</summary>
public sealed class StreamFrameTests
{
    private static readonly Gen<byte[][]> s_batches = Gen.Byte.Array[0, 200].Array[1, 20];

    [Fact]
    public void A_call_comes_through_as_it_was() =>
        s_batches.Sample(static batches => StreamFrame.ReadCall(BodyOf(StreamFrame.WriteCall(batches))).Select(static batch => batch.ToArray()).SequenceEqual(batches, new Bytes()));

    [Fact]
    public void So_does_an_answer() =>
        Gen.Bool.Array[1, 70].Sample(static areTaken => StreamFrame.ReadAnswer(StreamFrame.WriteAnswer(areTaken), areTaken.Length).SequenceEqual(areTaken));

    [Fact]
    public void An_answer_to_another_call_is_none() =>
        Assert.Throws<InvalidDataException>(static () => StreamFrame.ReadAnswer([2, 0, 0, 0, 1], 1));

    [Fact]
    public void More_batches_than_a_node_has_shards_are_no_call() =>
        Assert.Throws<InvalidDataException>(static () => StreamFrame.ReadCall(new byte[(PeerLimits.Shards + 1) * StreamFrame.HeadSize]));

    [Fact]
    public void Whatever_the_bytes_they_are_a_call_or_none() => Gen.Byte.Array[0, 60].Sample(static body =>
    {
        try
        {
            return StreamFrame.ReadCall(body).Sum(static batch => StreamFrame.HeadSize + batch.Length) == body.Length;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    });

    private static ReadOnlyMemory<byte> BodyOf(byte[] call)
    {
        Assert.Equal(call.Length - StreamFrame.HeadSize, BitConverter.ToInt32(call));
        return call.AsMemory(StreamFrame.HeadSize);
    }

    private sealed class Bytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
