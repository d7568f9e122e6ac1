using Presence.LoadClient.Series;

namespace Presence.LoadClient.Fleets;

/// <summary>
/// One of the parts that make the load of a run: a fleet of direct sessions, or a set of gateway links. All parts of a run live on one
/// event loop; a scenario may own several.
/// </summary>
internal interface IGenerator
{
    /// <summary>
    /// What it has done so far. Changes, deliveries and reads are the scenario's to count where the generator does not know them.
    /// </summary>
    RunTotals Totals { get; }

    /// <summary>Sessions it is to have up.</summary>
    long Asked { get; }

    /// <summary>Every session is up, or has been given up: nothing more will change by itself.</summary>
    bool HasSettled { get; }

    /// <summary>Begins to bring its sessions up.</summary>
    void Open();

    /// <summary>Loses all connections at once, without a word, and begins to come back at once, or when the server says.</summary>
    /// <returns>How many sessions were up.</returns>
    long DropAll();
}
