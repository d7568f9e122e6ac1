namespace Presence.Server.Storage.Journal;

/// <summary>The journal's directory as the journal sees it, so that tests can fail, tear and lose what it writes. Errors are IOExceptions.</summary>
internal interface IJournalFiles
{
    /// <summary>Bytes free for this process on the file system.</summary>
    long FreeBytes { get; }

    IReadOnlyList<string> Names();

    bool Exists(string name);

    long LengthOf(string name);

    /// <summary>Fills <paramref name="to"/>, or throws.</summary>
    void Read(string name, Span<byte> to, long offset);

    /// <summary>Makes an empty file with room for so many bytes; its name is durable when this returns.</summary>
    IJournalFile Create(string name, long bytes);

    /// <summary>Keeps the first bytes of a file and gives the room behind them back; durable when this returns.</summary>
    void Cut(string name, long bytes);

    void Delete(string name);
}

/// <summary>A file that is being written, front to back.</summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>Writes these one behind the other, in as few calls of the disk as there can be.</summary>
    void Write(IReadOnlyList<ReadOnlyMemory<byte>> bytes, long offset);

    /// <summary>What was written is durable when this returns. After an exception nobody knows what is, and a second try would not say.</summary>
    void Sync();

    /// <summary>Gives back the room behind the first bytes.</summary>
    void Cut(long bytes);
}
