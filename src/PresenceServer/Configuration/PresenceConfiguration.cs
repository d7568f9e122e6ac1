namespace Presence.Server.Configuration;

/// <summary>
/// Everything that can be set, under <c>Presence:</c> in appsettings.json, as <c>Presence__X__Y</c> in the environment or as
/// <c>--Presence:X:Y=value</c> on the command line. Bound and validated once, by <see cref="ConfigurationLoader"/>, before anything
/// starts; immutable afterwards, and nobody else reads <c>IConfiguration</c>. A property's initialiser is its default, its
/// attributes are its range, its comment says the unit and why: a setting exists nowhere else.
/// </summary>
internal sealed record PresenceConfiguration
{
    /// <summary>The section all settings are in.</summary>
    public const string Section = "Presence";

    /// <summary>How many partitions the user space has; no shard can own less than one.</summary>
    public const int Partitions = 64;

    public ListenConfiguration Listen { get; init; } = new();

    /// <summary>
    /// What serves the connections of <c>Listen:Tcp</c> and <c>Listen:WebSocket</c>. <c>epoll</c>, the default on Linux: the thread of the user's shard
    /// reads, handles and writes, and an idle connection holds no buffer. <c>sockets</c>, the default elsewhere: the framework's sockets, as for all other
    /// listeners.
    /// </summary>
    public TransportKind Transport { get; init; } = OperatingSystem.IsLinux() ? TransportKind.Epoll : TransportKind.Sockets;

    /// <summary>
    /// Where keys and state live; made when missing and locked against a second process. A relative path is below the working
    /// directory. Default <c>./data</c>, so that a first start needs no rights anywhere else. Once loaded: the full path.
    /// </summary>
    public string DataDirectory { get; init; } = "./data";

    /// <summary>
    /// Event loops of this node. 0, the default, is one a core: a shard is a thread that never waits, a second one on the same core
    /// only costs switches. At most 64, the number of partitions. Once loaded: the number itself.
    /// </summary>
    [Between("0", "64")]
    public int Shards { get; init; }

    public HttpConfiguration Http { get; init; } = new();

    public AdminConfiguration Admin { get; init; } = new();

    public SessionConfiguration Session { get; init; } = new();

    public WatchPolicyConfiguration WatchPolicy { get; init; } = new();

    public AuthConfiguration Auth { get; init; } = new();

    public StoreConfiguration Store { get; init; } = new();

    public JournalConfiguration Journal { get; init; } = new();

    public LimitsConfiguration Limits { get; init; } = new();

    public AdmissionConfiguration Admission { get; init; } = new();

    public OverloadConfiguration Overload { get; init; } = new();

    public ClusterConfiguration Cluster { get; init; } = new();
}
