namespace Presence.Simulation;

/// <summary>What goes wrong in a cluster.</summary>
internal enum ClusterFaultKind
{
    /// <summary>kill -9 of a node; another process begins over its disk later.</summary>
    NodeKilled,

    /// <summary>SIGSTOP of a node: past its death, or not, it goes on as if nothing had been.</summary>
    NodePaused,

    /// <summary>All nodes stand still together, and go on one after the other.</summary>
    AllPaused,

    /// <summary>A node is cut off from everybody: the others, the clients, the membership.</summary>
    NodeCut,

    /// <summary>A node is cut off from the others alone.</summary>
    PeersCut,

    /// <summary>The link between two nodes brings nothing.</summary>
    LinkCut,

    /// <summary>The link between two nodes brings nothing one way.</summary>
    LinkCutOneWay,

    /// <summary>The shared store and the membership cannot be reached: nobody dies and nobody joins.</summary>
    RedisAway,

    /// <summary>The shared store loses its newest writes.</summary>
    RedisForgets,

    /// <summary>Batches between nodes are lost, repeated, late, and taken without the sender's knowing.</summary>
    LinksFlaky,

    /// <summary>A node stands still again and again, long enough to be declared dead, and comes back.</summary>
    Flapping,

    /// <summary>Some clients' connections are reset.</summary>
    ClientsCut,

    /// <summary>kill -9 of a node that nobody starts again.</summary>
    NodeDown,

    /// <summary>A node hears nobody, not even that it is declared dead, while the others hear it: until it takes them for gone.</summary>
    NodeDeaf,

    /// <summary>A node stands still until it is declared dead, and goes on without hearing of that, since it cannot reach the membership: a zombie.</summary>
    NodeBlind,

    /// <summary>A node stands still while nobody can be declared dead: what is said to it again and again waits for it.</summary>
    PausedUnseen,

    /// <summary>A node is killed, and nobody starts it again, while the link between two others brings nothing.</summary>
    CutAtRingChange,

    /// <summary>The home of a user who has just chosen to be invisible, or said Goodbye, is killed.</summary>
    HomeKilled,

    /// <summary>Every batch between nodes comes twice, the second time when nobody expects it; and channels begin anew.</summary>
    LinksRepeat,

    /// <summary>For a moment, again and again, no batch arrives, or its sender hears nothing of that it did.</summary>
    LinksLose,

    /// <summary>kill -9 of a node whose next process is a member before anybody has missed it; some of its clients have had enough.</summary>
    NodeRestarted,
}

/// <summary>Something that goes wrong in a cluster at a time that the plan says.</summary>
/// <param name="Number">Its place in the plan of its seed: by this it is kept or left out.</param>
/// <param name="Kind">What.</param>
/// <param name="AtMs">When, since the beginning of the run.</param>
/// <param name="ForMs">How long.</param>
/// <param name="Node">Which node, or the first of two.</param>
/// <param name="Other">The second.</param>
internal sealed record ClusterFault(int Number, ClusterFaultKind Kind, long AtMs, long ForMs, int Node, int Other)
{
    /// <summary>As <see cref="ForMs"/>: who is killed is not started again.</summary>
    public const long ForGood = 0;

    public override string ToString() => $"#{Number} {Kind} of {Node} ({Other}) for {ForMs} ms at {AtMs}";
}
