using System.Text.Json;

namespace Presence.Fuzz.Targets;

/// <summary>The golden vectors of the protocol.</summary>
internal static class Vectors
{
    /// <summary>Every frame of a file, its length in front.</summary>
    public static IEnumerable<byte[]> Frames(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", file)));
        return [.. document.RootElement.EnumerateArray().Select(static vector => Convert.FromHexString(vector.GetProperty("frame").GetString()!))];
    }

    /// <summary>The same without their lengths.</summary>
    public static IEnumerable<byte[]> Payloads(string file) => Frames(file).Select(static frame => frame[(Array.FindIndex(frame, static one => one < 0x80) + 1)..]);
}
