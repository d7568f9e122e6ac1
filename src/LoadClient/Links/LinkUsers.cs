using System.Numerics;
using System.Runtime.InteropServices;

namespace Presence.LoadClient.Links;

/// <summary>The users of one link: their ids by place, and who of them is down.</summary>
internal sealed class LinkUsers(Population population, int link)
{
    private readonly Vector<ulong> _ramp = Vector<ulong>.Indices * (ulong)population.Links;

    public long Count { get; } = population.On(link);

    public int Link => link;

    public AbsentPlaces Absent { get; } = new();

    /// <summary>The number of the user at a place.</summary>
    public long At(long place) => population.At(link, place);

    public ulong IdAt(long place) => population.IdOf(population.At(link, place));

    /// <summary>Writes the ids of those in a range of places who are up.</summary>
    /// <param name="ids">Room for the whole range.</param>
    /// <returns>How many.</returns>
    public int Fill(Span<ulong> ids, long place, int count)
    {
        long end = place + count;
        int filled = 0;
        while (place < end)
        {
            long absent = Absent.FirstIn(place, end);
            Run(ids.Slice(filled, (int)(absent - place)), place);
            filled += (int)(absent - place);
            place = absent + 1;
        }

        return filled;
    }

    // All of a run of places. Three million ids a second are written here: in vectors.
    private void Run(Span<ulong> ids, long place)
    {
        ulong id = IdAt(place);
        ulong stride = (ulong)population.Links;
        Span<Vector<ulong>> vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(ids);
        Vector<ulong> next = _ramp + new Vector<ulong>(id);
        var step = new Vector<ulong>(stride * (ulong)Vector<ulong>.Count);
        foreach (ref Vector<ulong> vector in vectors)
        {
            vector = next;
            next += step;
        }

        int done = vectors.Length * Vector<ulong>.Count;
        for (int i = done; i < ids.Length; i++)
        {
            ids[i] = id + ((ulong)i * stride);
        }
    }
}
