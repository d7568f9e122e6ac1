using System.Buffers;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>proto/vectors, read both ways by our own code.</summary>
public sealed class GoldenVectorTests
{
    private static readonly JsonFormatter _formatter = new(JsonFormatter.Settings.Default);

    [Theory]
    [InlineData("client.json", "client")]
    [InlineData("server.json", "server")]
    public void Every_vector_reads_as_its_json_and_canonical_ones_are_written_as_their_bytes(string file, string direction)
    {
        foreach (var vector in Vectors.Read<GoldenVector>(file))
        {
            Assert.Equal(direction, vector.Direction);
            var bytes = Convert.FromHexString(vector.Frame);
            var expected = FromJson(direction, vector.Json.GetRawText());
            foreach (var sequence in new[] { new ReadOnlySequence<byte>(bytes), Segments.EveryByte(bytes) })
            {
                var actual = Parse(direction, sequence, vector.Name);
                Assert.True(expected.Equals(actual), $"{vector}: {actual}");
                var formatted = JsonNode.Parse(_formatter.Format(actual));
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(vector.Json.GetRawText()), formatted), vector.Name);
            }
            Assert.True(vector.Canonical == Written(expected).AsSpan().SequenceEqual(bytes), vector.Name);
        }
    }

    [Fact]
    public void Every_malformed_vector_gets_its_error()
    {
        foreach (var vector in Vectors.Read<MalformedVector>("malformed.json"))
        {
            var bytes = Convert.FromHexString(vector.Frame);
            var fault = FaultOf(vector, new ReadOnlySequence<byte>(bytes));
            Assert.True(vector.Reason == Snake(fault), $"{vector}: {fault}");
            Assert.Equal(fault, FaultOf(vector, Segments.EveryByte(bytes)));
            Assert.Equal(vector.Closes, FrameFaults.Closes(fault));
            Assert.Equal(vector.Error, vector.Closes ? "ERROR_CODE_MALFORMED" : "ERROR_CODE_UNSUPPORTED");
        }
    }

    [Theory]
    [InlineData("client.json")]
    [InlineData("server.json")]
    [InlineData("malformed.json")]
    public void Names_are_unique_and_everything_is_described(string file)
    {
        var vectors = Vectors.Read<System.Text.Json.JsonElement>(file);
        Assert.Equal(vectors.Count, vectors.Select(v => v.GetProperty("name").GetString()).Distinct().Count());
        Assert.All(vectors, v => Assert.NotEmpty(v.GetProperty("description").GetString()!));
    }

    [Fact]
    public void Every_field_and_every_enum_value_of_the_protocol_is_in_a_vector()
    {
        var text = string.Concat(
            Vectors.Read<GoldenVector>("client.json").Concat(Vectors.Read<GoldenVector>("server.json")).Select(v => v.Json.GetRawText()));
        var files = new[] { ClientReflection.Descriptor, ServerReflection.Descriptor, CommonReflection.Descriptor };
        var fields = files.SelectMany(f => f.MessageTypes).SelectMany(m => m.Fields.InDeclarationOrder()).Select(f => f.JsonName);
        var values = files.SelectMany(f => f.EnumTypes).SelectMany(e => e.Values).Where(v => v.Number != 0).Select(v => v.Name);
        Assert.All(fields.Concat(values), name => Assert.Contains($"\"{name}\"", text, StringComparison.Ordinal));
    }

    private static IMessage FromJson(string direction, string json) =>
        direction == "client" ? JsonParser.Default.Parse<ClientFrame>(json) : JsonParser.Default.Parse<ServerFrame>(json);

    private static IMessage Parse(string direction, ReadOnlySequence<byte> stream, string name)
    {
        Assert.Equal(FrameReadResult.Frame, FrameReader.TryRead(ref stream, ProtocolLimits.MaxFrameBytes, out var payload, out _));
        Assert.True(stream.IsEmpty, name);
        IMessage? message = direction == "client"
            ? ClientFrames.TryParse(payload, out var client, out _) ? client : null
            : ServerFrames.TryParse(payload, out var server, out _) ? server : null;
        Assert.True(message is not null, name);
        return message;
    }

    private static byte[] Written(IMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        if (message is ClientFrame client)
        {
            ClientFrames.Write(output, client, Framing.LengthPrefix);
        }
        else
        {
            ServerFrames.Write(output, (ServerFrame)message, Framing.LengthPrefix);
        }
        return output.WrittenSpan.ToArray();
    }

    private static FrameFault FaultOf(MalformedVector vector, ReadOnlySequence<byte> stream)
    {
        var result = FrameReader.TryRead(ref stream, vector.MaxFrameBytes, out var payload, out var fault);
        Assert.True(result != FrameReadResult.NeedMore, vector.Name);
        if (result == FrameReadResult.Malformed)
        {
            return fault;
        }
        var parsed = vector.Direction == "client"
            ? ClientFrames.TryParse(payload, out _, out fault)
            : ServerFrames.TryParse(payload, out _, out fault);
        Assert.False(parsed, vector.Name);
        return fault;
    }

    private static string Snake(FrameFault fault) =>
        string.Concat(fault.ToString().Select((c, i) => (char.IsUpper(c) && i > 0 ? "_" : "") + char.ToLowerInvariant(c)));
}
