using Presence.Engine;

namespace Presence.Micro;

/// <summary>
/// What the machine gives now: stores to random cache lines of a region in huge pages, asked for in groups, and nothing else.
/// </summary>
internal static unsafe class MemoryLimit
{
    private const int Group = 32;
    private const int LineInts = 16;

    public static TimeSpan Touch(int lines, int count)
    {
        nuint bytes = (nuint)lines * LineInts * sizeof(int);
        var region = (int*)Pages.Map(bytes, huge: true);
        for (int line = 0; line < lines; line++)
        {
            region[(long)line * LineInts] = 1;
        }

        TimeSpan begin = ThreadClock.Now;
        uint next = 0;
        for (int left = count; left > 0; left -= Group)
        {
            for (uint i = 0; i < Group; i++)
            {
                Cache.Prefetch(LineOf(region, next + i, lines));
            }

            for (uint i = 0; i < Group; i++)
            {
                (*LineOf(region, next + i, lines))++;
            }

            next += Group;
        }

        TimeSpan spent = ThreadClock.Now - begin;
        Pages.Unmap(region, bytes);
        return spent;
    }

    private static int* LineOf(int* region, uint number, int lines) => region + ((long)((number * 2_654_435_769u) & (uint)(lines - 1)) * LineInts);
}
