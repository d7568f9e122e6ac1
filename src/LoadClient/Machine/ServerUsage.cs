namespace Presence.LoadClient.Machine;

/// <summary>What the servers of a run use, as far as they are on this machine, and what one of them says of itself.</summary>
/// <param name="node">Null: nobody asks it.</param>
internal sealed class ServerUsage(IReadOnlyCollection<int> processIds, NodeWatch? node = null)
{
    private readonly ProcessUsage[] _processes = [.. processIds.Select(static id => new ProcessUsage(id))];

    /// <summary>As it was a second ago at most; null: nobody asks.</summary>
    public NodeUsage? Node => node?.Latest;

    /// <summary>All of them taken together; null: none is on this machine, or one is gone.</summary>
    public Usage? Read()
    {
        Usage? sum = null;
        foreach (ProcessUsage process in _processes)
        {
            if (process.Read() is not { } usage)
            {
                return null;
            }

            sum = (sum ?? default) + usage;
        }

        return sum;
    }
}
