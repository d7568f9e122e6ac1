namespace Presence.Simulation;

/// <summary>One file of the journal: what was written to it, and how much of that is on the disk for certain.</summary>
internal sealed class JournalBytes
{
    // What a disk writes whole or not at all.
    private const int SectorBytes = 512;

    private byte[] _bytes = new byte[4 * SectorBytes];
    private bool _isBroken;

    public int Length { get; private set; }

    /// <summary>So many of the first bytes are there when the power has gone.</summary>
    public int Synced { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Write(ReadOnlySpan<byte> bytes, int offset)
    {
        int end = offset + bytes.Length;
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(end, 2 * _bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(offset));
        Length = Math.Max(Length, end);
        Synced = Math.Min(Synced, offset);
    }

    public void Sync() => Synced = _isBroken ? Synced : Length;

    /// <summary>A write or a sync has failed: what was not on the disk never comes there, and a further sync does not say so.</summary>
    public void Break() => _isBroken = true;

    public void Cut(int bytes)
    {
        _bytes.AsSpan(bytes, Math.Max(0, Length - bytes)).Clear();
        (Length, Synced) = (bytes, Math.Min(Synced, bytes));
    }

    /// <summary>The power goes: of what was not synced any sector may be there or not.</summary>
    public void LosePower(Chance chance)
    {
        double luck = chance.Pick(0.0, 0.5, 1.0);
        int kept = Synced;
        for (int from = Synced; from < Length; from = NextSector(from))
        {
            int end = Math.Min(Length, NextSector(from));
            if (chance.Hits(luck))
            {
                kept = end;
            }
            else
            {
                _bytes.AsSpan(from, end - from).Clear();
            }
        }

        Cut(kept);
        (Synced, _isBroken) = (kept, false);
    }

    private static int NextSector(int from) => (from / SectorBytes * SectorBytes) + SectorBytes;
}
