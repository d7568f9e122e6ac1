using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Presence.Server.Storage;

/// <summary><c>manifest.json</c>: what the directory's data depends on and may not change under it.</summary>
internal sealed record DataDirectoryManifest
{
    /// <summary>Raised with every change that another version would misread. 2: a checkpoint begins with a header.</summary>
    public const int CurrentFormat = 2;

    public const int DefaultPartitions = 64;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required int FormatVersion { get; init; }

    /// <summary>The version of the server that made the directory; named when a server does not know the format.</summary>
    public required string WrittenBy { get; init; }

    public required int Partitions { get; init; }

    /// <summary>Sixteen hexadecimal digits.</summary>
    public required string HashSeed { get; init; }

    [JsonIgnore]
    public ulong Seed => ulong.Parse(HashSeed, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <param name="seed">Null: a random one.</param>
    public static DataDirectoryManifest Create(ulong? seed = null) => new()
    {
        FormatVersion = CurrentFormat,
        WrittenBy = ServerVersion(),
        Partitions = DefaultPartitions,
        HashSeed = seed?.ToString("x16", CultureInfo.InvariantCulture) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(sizeof(ulong))),
    };

    public static DataDirectoryManifest Load(string path)
    {
        var manifest = Parse(path);
        if (manifest.FormatVersion != CurrentFormat)
        {
            throw new DataDirectoryException(
                $"'{path}' has format version {manifest.FormatVersion}, written by Presence {manifest.WrittenBy}; this is Presence {ServerVersion()}, "
                + $"which knows format version {CurrentFormat}. Run a version that knows it, or start on an empty directory.");
        }

        if (manifest.Partitions != DefaultPartitions || !ulong.TryParse(manifest.HashSeed, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _))
        {
            throw Damaged(path, $"expected {DefaultPartitions} partitions and a hash seed of 16 hexadecimal digits", null);
        }

        return manifest;
    }

    public void Save(string path) => DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this, _json));

    private static DataDirectoryManifest Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DataDirectoryManifest>(File.ReadAllBytes(path), _json)
                ?? throw Damaged(path, "it holds null", null);
        }
        catch (JsonException e)
        {
            throw Damaged(path, e.Message, e);
        }
    }

    private static DataDirectoryException Damaged(string path, string what, Exception? cause)
    {
        var message = $"The manifest '{path}' cannot be used: {what}. Restore it from a backup; without it the data beside it cannot be read.";
        return cause is null ? new DataDirectoryException(message) : new DataDirectoryException(message, cause);
    }

    public static string ServerVersion()
    {
        var version = typeof(DataDirectoryManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+')[0] ?? "unknown";
    }
}
