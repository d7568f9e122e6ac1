using System.Buffers;
using CsCheck;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>The same bytes give the same frames, however they are cut into segments and arrivals.</summary>
public sealed class FrameSplitProperties
{
    [Fact]
    public void Frames_come_out_as_they_went_in() =>
        Gen.Select(Streams.Payloads, Streams.Cuts).Sample((payloads, cuts) =>
        {
            var stream = payloads.SelectMany(Streams.Frame).ToArray();
            var frames = string.Join(' ', payloads.Select(Convert.ToHexStringLower));
            var expected = new Reading(frames, FrameReadResult.NeedMore, FrameFault.None, 0);
            return Reading.OfSpan(stream, ProtocolLimits.MaxFrameBytes) == expected
                && Reading.OfSequence(Segments.Cut(stream, cuts), ProtocolLimits.MaxFrameBytes) == expected
                && Reading.OfArrivals(stream, cuts, ProtocolLimits.MaxFrameBytes) == expected;
        }, iter: 2_000);

    [Fact]
    public void Arbitrary_bytes_get_the_same_verdict_however_they_arrive() =>
        Gen.Select(Streams.Arbitrary, Gen.Int[0, 24].Array[0, 24]).Sample((bytes, cuts) =>
        {
            var whole = Reading.OfSpan(bytes, Streams.SmallLimit);
            return Reading.OfSequence(Segments.Cut(bytes, cuts), Streams.SmallLimit) == whole
                && Reading.OfSequence(Segments.EveryByte(bytes), Streams.SmallLimit) == whole
                && Reading.OfArrivals(bytes, cuts, Streams.SmallLimit) == whole
                && Reading.OfArrivals(bytes, Enumerable.Range(0, bytes.Length), Streams.SmallLimit) == whole;
        }, iter: 20_000);

    [Fact]
    public void The_stream_generators_are_not_vacuous()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        void See(string what) => seen[what] = seen.GetValueOrDefault(what) + 1;
        Streams.Payloads.Sample(payloads =>
        {
            See(payloads.Length == 0 ? "no frame" : payloads.Length == 1 ? "one frame" : "several frames");
            foreach (var payload in payloads)
            {
                See($"length of {LengthPrefix.Size(payload.Length)}");
            }
        }, iter: 1_000, threads: 1);
        Streams.Arbitrary.Sample(bytes =>
        {
            var reading = Reading.OfSpan(bytes, Streams.SmallLimit);
            See($"{reading.End} {reading.Fault} {(reading.Frames.Length > 0 ? "after frames" : "at once")}");
        }, iter: 5_000, threads: 1);

        string[] expected =
        [
            "no frame", "one frame", "several frames", "length of 1", "length of 2", "length of 3",
            "NeedMore None after frames", "NeedMore None at once",
            "Malformed LengthZero after frames", "Malformed LengthZero at once",
            "Malformed LengthNotMinimal after frames", "Malformed LengthNotMinimal at once",
            "Malformed LengthOverLimit after frames", "Malformed LengthOverLimit at once",
        ];
        Assert.All(
            expected.Select(what => (What: what, Times: seen.GetValueOrDefault(what))),
            it => Assert.True(it.Times >= 20, $"{it.What}: {it.Times} of at least 20"));
    }
}
