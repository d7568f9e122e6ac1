using Presence.Protocol;

namespace Presence.Engine.Tests;

/// <summary>A connection that counts and keeps nothing, so that what the shard allocates is all there is.</summary>
internal sealed class QuietConnection : ConnectionPort
{
    public long Bytes { get; private set; }

    protected internal override void Write(ReadOnlySpan<byte> frame, int prefixBytes) => Bytes += frame.Length;

    protected internal override bool Flush() => true;

    protected internal override void WriteWelcome(in SessionWelcome welcome)
    {
    }

    protected internal override void Close(V1.CloseCode code)
    {
    }
}

/// <summary>A store that keeps nothing and answers every read with "never seen".</summary>
internal sealed class QuietStore : ILastActiveStore
{
    public ulong MaxVersion => 0;

    public long LastWatermarkMs => PresenceState.NoTime;

    public bool HasRoomForNewUsers => true;

    public int Loads => 0;

    public void Write(in UserRecord record)
    {
    }

    public bool IsLoaded(ulong userId) => true;

    public void Read(StoreRead read) => read.Complete();

    public void Walk(PresentWalk walk)
    {
        walk.IsOver = true;
        walk.Complete();
    }
}

/// <summary>A journal that keeps nothing and calls everything durable.</summary>
internal sealed class QuietJournal : IJournal, IJournalLane
{
    public IJournalLane Open(int shard) => this;

    public void Append(in JournalEntry entry)
    {
    }

    public void AppendWatermark(long wallMs, ulong clock)
    {
    }

    public void HandOver(JournalCommit? commit) => commit?.Complete();
}

internal sealed class QuietWake : IWake
{
    public void Wake()
    {
    }
}
