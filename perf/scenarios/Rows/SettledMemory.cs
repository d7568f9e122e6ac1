using Presence.Scenarios.Clients;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>The memory of a subject once it has come to rest.</summary>
internal static class SettledMemory
{
    public const int MostLooks = 20;

    private const int Same = 3;

    private static readonly TimeSpan _betweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>VmRSS, when three readings a second apart differ by less than 0.5 %, after <see cref="MostLooks"/> s at the latest.</summary>
    public static long Read(IIdleClients clients, ProcessMeter meter)
    {
        Queue<long> looks = new();
        for (int i = 0; i < MostLooks; i++)
        {
            // Updates still come in; a client that does not read them would be held by the server as congested.
            clients.Stay(_betweenLooks);
            looks.Enqueue(meter.Rss);
            if (looks.Count > Same)
            {
                looks.Dequeue();
            }

            if (looks.Count == Same && looks.Max() - looks.Min() < looks.Max() / 200)
            {
                break;
            }
        }

        return meter.Rss;
    }
}
