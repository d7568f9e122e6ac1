namespace Presence.Protocol;

/// <summary>The names of limits as <c>Error.which</c> carries them: the field names of the <c>Limits</c> message.</summary>
public static class LimitNames
{
    public const string MaxFrameBytes = "max_frame_bytes";
    public const string Watches = "watches";
    public const string WatchIds = "watch_ids";
    public const string QueryIds = "query_ids";
    public const string StatusTextBytes = "status_text_bytes";
    public const string Devices = "devices";
    public const string DeviceIdBytes = "device_id_bytes";
    public const string PendingRequests = "pending_requests";
    public const string StatusChanges = "status_changes";
    public const string LinkIds = "link_ids";
    public const string Gateways = "gateways";
    public const string FrameRate = "frame_rate";
    public const string ByteRate = "byte_rate";
    public const string QueryRate = "query_rate";
    public const string WatchRate = "watch_rate";
}
