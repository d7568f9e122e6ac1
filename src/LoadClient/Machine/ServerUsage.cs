namespace Presence.LoadClient.Machine;

/// <summary>What the servers of a run use, as far as they are on this machine, and what one of them says of itself.</summary>
/// <param name="findProcesses">Asked at once, and again when one of them is gone: a server that is started anew is another process.</param>
/// <param name="node">Null: nobody asks it.</param>
internal sealed class ServerUsage(Func<IReadOnlyCollection<int>> findProcesses, NodeWatch? node = null)
{
    private ProcessUsage[] _processes = Find(findProcesses);

    /// <summary>As it was a second ago at most; null: nobody asks.</summary>
    public NodeUsage? Node => node?.Latest;

    /// <summary>All of them taken together; null: none is on this machine, or one is gone.</summary>
    public Usage? Read()
    {
        if (Sum() is { } usage)
        {
            return usage;
        }

        _processes = Find(findProcesses);
        return Sum();
    }

    private static ProcessUsage[] Find(Func<IReadOnlyCollection<int>> find) => [.. find().Select(static id => new ProcessUsage(id))];

    private Usage? Sum()
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
