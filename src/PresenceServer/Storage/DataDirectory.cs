namespace Presence.Server.Storage;

/// <summary>The server's place on disk, held by one process at a time until disposed.</summary>
public sealed class DataDirectory : IDisposable
{
    private const string ManifestName = "manifest.json";
    private const string LockName = "lock";
    private const string LastActiveName = "last-active";
    private const string JournalName = "journal";
    private const string HeldUntilName = "held-until";
    private const string LongIntervalName = "long-interval";
    private const string ShippedName = "shipped";

    private readonly FileStream _lock;
    private readonly DataDirectoryManifest _manifest;

    private DataDirectory(string root, FileStream @lock, DataDirectoryManifest manifest)
    {
        Root = root;
        _lock = @lock;
        _manifest = manifest;
    }

    /// <summary>The absolute path.</summary>
    public string Root { get; }

    /// <summary>How many partitions the users hash to; fixed when the directory is made.</summary>
    public int Partitions => _manifest.Partitions;

    /// <summary>Keys the hash of user ids; random, fixed when the directory is made.</summary>
    public ulong HashSeed => _manifest.Seed;

    internal string LastActivePath => Path.Combine(Root, LastActiveName);

    internal string JournalPath => Path.Combine(Root, JournalName);

    /// <summary>A <see cref="TimeFile"/>: until when clients who were told to leave may come back unnoticed.</summary>
    internal string HeldUntilPath => Path.Combine(Root, HeldUntilName);

    /// <summary>A <see cref="TimeFile"/>: the longest heartbeat interval that sessions may keep to, while that is longer than d.</summary>
    internal string LongIntervalPath => Path.Combine(Root, LongIntervalName);

    /// <summary>A <see cref="Shared.ShippedFile"/>: how far the journal was shipped to the cluster's Redis.</summary>
    internal string ShippedPath => Path.Combine(Root, ShippedName);

    /// <summary>Opens the directory, making it and its manifest when there is nothing yet.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds it.</exception>
    /// <exception cref="DataDirectoryException">It cannot be made, its format is not known, or its manifest is damaged or gone.</exception>
    /// <param name="path">Of the directory.</param>
    /// <param name="seed">As <see cref="HashSeed"/>, of a directory that is made; null: a random one.</param>
    public static DataDirectory Open(string path, ulong? seed = null)
    {
        var root = Path.GetFullPath(path);
        var held = Lock(root);
        try
        {
            return new DataDirectory(root, held, OpenManifest(root, seed));
        }
        catch (Exception e)
        {
            held.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw Unusable(root, e);
            }

            throw;
        }
    }

    /// <summary>The hash seed of a directory, which another process may hold; null: there is none yet.</summary>
    /// <exception cref="DataDirectoryException">Its format is not known, or its manifest is damaged.</exception>
    internal static ulong? SeedAt(string path)
    {
        string manifest = Path.Combine(Path.GetFullPath(path), ManifestName);
        return File.Exists(manifest) ? DataDirectoryManifest.Load(manifest).Seed : null;
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string root)
    {
        try
        {
            CreateDirectory(root);

            // FileShare.None is an advisory lock (flock) on Unix: it ends with the process, however the process ends.
            return new FileStream(Path.Combine(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Unusable(root, e);
        }
        catch (IOException e)
        {
            throw File.Exists(Path.Combine(root, LockName)) ? new DataDirectoryInUseException(root, e) : Unusable(root, e);
        }
    }

    private static void CreateDirectory(string root)
    {
        if (Directory.Exists(root))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(root);
        }
        else
        {
            // Keys live here: nobody else may look.
            Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        DurableFile.SyncDirectory(Path.GetDirectoryName(root)!);
    }

    private static DataDirectoryManifest OpenManifest(string root, ulong? seed)
    {
        var path = Path.Combine(root, ManifestName);
        if (File.Exists(path))
        {
            return DataDirectoryManifest.Load(path);
        }

        foreach (string data in (string[])[LastActiveName, JournalName])
        {
            if (Directory.Exists(Path.Combine(root, data)))
            {
                throw new DataDirectoryException(
                    $"'{root}' holds data but no {ManifestName}. Restore the manifest from a backup, or move '{data}' away to start empty.");
            }
        }

        var manifest = DataDirectoryManifest.Create(seed);
        manifest.Save(path);
        return manifest;
    }

    private static DataDirectoryException Unusable(string root, Exception cause) =>
        new($"The data directory '{root}' cannot be used: {cause.Message} Make it writable for this user, or name another one (Presence:DataDirectory).", cause);
}
