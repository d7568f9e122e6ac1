namespace Presence.Server.Configuration;

/// <summary>What relations are judged by.</summary>
internal sealed record RelationContext(
    PresenceConfiguration Value, IReadOnlyList<SettingValue> Settings, Machine Machine, bool Development)
{
    /// <summary>Whether somebody set it, as opposed to a default.</summary>
    public bool IsSet(string key) => !Settings.First(s => s.Key == key).Source.StartsWith(SettingSource.Default, StringComparison.Ordinal);
}

/// <summary>Settings that are right one by one and wrong together.</summary>
internal static class Relations
{
    public static IEnumerable<ConfigurationError> Check(RelationContext context) =>
    [
        .. General(context),
        .. Session(context),
        .. Limits(context),
        .. ListenRelations.Check(context),
        .. AuthRelations.Check(context),
        .. HttpRelations.Check(context),
        .. AdminRelations.Check(context),
        .. ClusterRelations.Check(context),
        .. AuthRelations.UrlAt("Presence:WatchPolicy:Url", context.Value.WatchPolicy.Url, "whoever changes answers on their way decides who sees whom", "it would be printed with the configuration"),
    ];

    private static IEnumerable<ConfigurationError> General(RelationContext context)
    {
        if (context.Value.DataDirectory.Length == 0)
        {
            yield return new ConfigurationError("Presence:DataDirectory", "is empty; name a directory.");
        }
        else if (File.Exists(context.Value.DataDirectory))
        {
            yield return new ConfigurationError("Presence:DataDirectory", $"'{context.Value.DataDirectory}' is a file; name a directory.");
        }

        if (context.Value.Transport == TransportKind.Epoll && !OperatingSystem.IsLinux())
        {
            yield return new ConfigurationError("Presence:Transport", "epoll is there on Linux only; use sockets.");
        }
    }

    private static IEnumerable<ConfigurationError> Session(RelationContext context)
    {
        SessionConfiguration session = context.Value.Session;
        // Only a tolerance that somebody chose can be a mistake: with a short interval the default one is generous, not wrong.
        if (session.Tolerance >= session.HeartbeatInterval && context.IsSet("Presence:Session:Tolerance"))
        {
            yield return Pair("Presence:Session:Tolerance", session.Tolerance,
                "must be less than", "Presence:Session:HeartbeatInterval", session.HeartbeatInterval);
        }

        if (session.AwayAfter > TimeSpan.Zero && session.AwayAfter < session.HeartbeatInterval)
        {
            yield return Pair("Presence:Session:AwayAfter", session.AwayAfter,
                "must be 0 or, as activity is reported with heartbeats, not less than",
                "Presence:Session:HeartbeatInterval", session.HeartbeatInterval);
        }
    }

    private static IEnumerable<ConfigurationError> Limits(RelationContext context)
    {
        const int HelloBesidesToken = 1_024;
        const int BytesPerWatchedId = 16;
        const int BytesPerId = sizeof(ulong);
        const int FrameBesidesIds = 64;
        LimitsConfiguration limits = context.Value.Limits;
        if (limits.TokenBytes + HelloBesidesToken > limits.HandshakeBytes)
        {
            yield return Pair("Presence:Limits:TokenBytes", limits.TokenBytes,
                "must, with 1024 bytes for the rest of Hello, fit into", "Presence:Limits:HandshakeBytes", limits.HandshakeBytes);
        }

        if (limits.HandshakeBytes > limits.MaxFrameBytes)
        {
            yield return Pair("Presence:Limits:HandshakeBytes", limits.HandshakeBytes,
                "must not be more than", "Presence:Limits:MaxFrameBytes", limits.MaxFrameBytes);
        }

        if (!limits.FrameRate.IsOff && limits.FrameRate.Per / limits.FrameRate.Count > context.Value.Session.HeartbeatInterval / 4)
        {
            yield return Pair("Presence:Limits:FrameRate", limits.FrameRate,
                "must allow four frames in each", "Presence:Session:HeartbeatInterval", context.Value.Session.HeartbeatInterval);
        }

        if (!limits.ByteRate.IsOff && limits.ByteRate.Count < limits.MaxFrameBytes)
        {
            yield return Pair("Presence:Limits:ByteRate", limits.ByteRate,
                "must leave room for one frame of", "Presence:Limits:MaxFrameBytes", limits.MaxFrameBytes);
        }

        if (!limits.WatchRate.IsOff && limits.WatchRate.Count < limits.Watches)
        {
            yield return Pair("Presence:Limits:WatchRate", limits.WatchRate,
                "must leave room for all that one session may watch", "Presence:Limits:Watches", limits.Watches);
        }

        if ((limits.WatchIds * BytesPerWatchedId) + HelloBesidesToken > limits.MaxFrameBytes)
        {
            yield return Pair("Presence:Limits:WatchIds", limits.WatchIds,
                "must, at 16 bytes an id and version, fit into", "Presence:Limits:MaxFrameBytes", limits.MaxFrameBytes);
        }

        if ((limits.QueryIds * BytesPerId) + FrameBesidesIds > limits.MaxFrameBytes)
        {
            yield return Pair("Presence:Limits:QueryIds", limits.QueryIds,
                "must, at 8 bytes an id and 64 for the rest, fit into", "Presence:Limits:MaxFrameBytes", limits.MaxFrameBytes);
        }

        if ((limits.LinkIds * BytesPerId) + FrameBesidesIds > limits.LinkFrameBytes)
        {
            yield return Pair("Presence:Limits:LinkIds", limits.LinkIds,
                "must, at 8 bytes an id and 64 for the rest, fit into", "Presence:Limits:LinkFrameBytes", limits.LinkFrameBytes);
        }

        long most = context.Machine.Descriptors - limits.DescriptorReserve;
        if (limits.Connections > most)
        {
            yield return new ConfigurationError(["Presence:Limits:Connections", "Presence:Limits:DescriptorReserve"],
                $"{limits.Connections} connections and a reserve of {limits.DescriptorReserve} "
                + $"need more than the {context.Machine.Descriptors} open files of this process. "
                + "Raise 'ulimit -n' (LimitNOFILE in systemd), or lower it.");
        }
    }

    private static ConfigurationError Pair(string key, object value, string relation, string other, object otherValue) =>
        new([key, other], $"{SettingText.Format(value)} {relation} {other}, which is {SettingText.Format(otherValue)}.");
}
