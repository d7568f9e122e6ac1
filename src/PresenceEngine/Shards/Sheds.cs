using Presence.V1;

namespace Presence.Engine;

/// <summary>What a node that is overloaded lets go, in the order in which it does (P8). A transition is never among it.</summary>
public enum ShedClass
{
    Signals,
    Counts,

    /// <summary>Status texts.</summary>
    Texts,

    /// <summary>Refreshes of last-active times.</summary>
    LastActive,

    /// <summary>Watches and queries.</summary>
    Reads,

    /// <summary>New sessions; each is told when to come back.</summary>
    Sessions,
}

/// <summary>How much of each class was let go. Any thread.</summary>
public sealed class Sheds
{
    private readonly Tally<ShedClass> _items = new();

    public void Add(ShedClass shed) => _items.Add(shed);

    /// <summary>Counts what a client is told, if it is told to come back because there is no room now. What is left undone of a session that goes on is counted where that is decided.</summary>
    public void Add(Error error)
    {
        if (error.Code == ErrorCode.Overloaded && !error.HasRequestId)
        {
            Add(ShedClass.Sessions);
        }
    }

    public long Of(ShedClass shed) => _items.Of(shed);
}
