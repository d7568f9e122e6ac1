using System.Globalization;

namespace Presence.Server.Storage;

/// <summary>The checkpoint files of the last-active store and their names: <c>SEQUENCE.ckpt</c>, the newest has the highest number.</summary>
internal sealed class CheckpointDirectory
{
    /// <summary>Complete checkpoints kept: the newest, and the one to fall back to.</summary>
    public const int Kept = 2;

    /// <summary>Damaged files kept for whoever wants to know why.</summary>
    public const int KeptDamaged = 2;

    public const string TemporarySuffix = ".tmp";

    private const string Suffix = ".ckpt";
    private const string DamagedSuffix = ".damaged";
    private const string WatermarkName = "watermark";

    public CheckpointDirectory(string path)
    {
        Root = path;
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            DurableFile.SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    public string Root { get; }

    public string WatermarkPath => Path.Combine(Root, WatermarkName);

    public string PathOf(ulong sequence) => Path.Combine(Root, sequence.ToString("D20", CultureInfo.InvariantCulture) + Suffix);

    /// <summary>Complete checkpoints, newest first.</summary>
    public IReadOnlyList<ulong> Checkpoints() => Numbers(Suffix);

    public bool HasDamaged() => Numbers(Suffix + DamagedSuffix).Count > 0;

    public ulong NextSequence() => Math.Max(Numbers(Suffix).FirstOrDefault(), Numbers(Suffix + DamagedSuffix).FirstOrDefault()) + 1;

    /// <summary>The file stays for inspection and is not tried again.</summary>
    public void SetAside(ulong sequence) => DurableFile.Rename(PathOf(sequence), PathOf(sequence) + DamagedSuffix);

    /// <summary>Removes what a crash left half-written.</summary>
    public void RemoveUnfinished()
    {
        foreach (var file in Directory.EnumerateFiles(Root, "*" + TemporarySuffix))
        {
            File.Delete(file);
        }
    }

    public void RemoveOld()
    {
        foreach (var sequence in Checkpoints().Skip(Kept))
        {
            File.Delete(PathOf(sequence));
        }

        foreach (var sequence in Numbers(Suffix + DamagedSuffix).Skip(KeptDamaged))
        {
            File.Delete(PathOf(sequence) + DamagedSuffix);
        }

        DurableFile.SyncDirectory(Root);
    }

    public static DataDirectoryException Unusable(string path, Exception cause) => new($"'{path}' cannot be used: {cause.Message}", cause);

    private List<ulong> Numbers(string suffix) =>
        [.. Directory.EnumerateFiles(Root).Select(Path.GetFileName)
            .Where(name => name!.EndsWith(suffix, StringComparison.Ordinal))
            .Select(name => ulong.TryParse(name![..^suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)
            .Where(number => number > 0)
            .OrderDescending()];
}
