using System.Text.Json;
using System.Text.Json.Serialization;

namespace Presence.Protocol.Tests;

internal sealed record GoldenVector(string Name, string Description, string Direction, bool Canonical, string Frame, JsonElement Json)
{
    public override string ToString() => Name;
}

internal sealed record MalformedVector(
    string Name,
    string Description,
    string Direction,
    [property: JsonPropertyName("max_frame_bytes")] int MaxFrameBytes,
    string Frame,
    string Error,
    string Reason,
    bool Closes)
{
    public override string ToString() => Name;
}

/// <summary>Reads proto/vectors. A key that is missing or not known is an error.</summary>
internal static class Vectors
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    public static IReadOnlyList<T> Read<T>(string file)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "vectors", file));
        return JsonSerializer.Deserialize<T[]>(stream, _options)!;
    }
}
