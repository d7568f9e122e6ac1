using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>Statuses and device kinds in the words of HTTP: those of the wire, in small letters.</summary>
internal static class StatusWords
{
    private static readonly string[] _kinds = ["mobile", "desktop", "web", "tablet", "console", "vr", "service"];

    /// <summary>What a client may ask for.</summary>
    public static bool TryParse(string? word, out Status status)
    {
        status = word switch
        {
            "online" => Status.Online,
            "away" => Status.Away,
            "busy" => Status.Busy,
            "invisible" => Status.Invisible,
            "offline" => Status.Offline,
            _ => Status.Unspecified,
        };
        return status != Status.Unspecified;
    }

    public static string Of(Status status) => status switch
    {
        Status.Online => "online",
        Status.Away => "away",
        Status.Busy => "busy",
        Status.Invisible => "invisible",
        Status.Offline => "offline",
        _ => "unknown",
    };

    public static IReadOnlyList<string> Of(DeviceKinds kinds)
    {
        if (kinds == DeviceKinds.None)
        {
            return [];
        }

        var words = new List<string>(_kinds.Length);
        for (int bit = 0; bit < _kinds.Length; bit++)
        {
            if (((int)kinds & (1 << bit)) != 0)
            {
                words.Add(_kinds[bit]);
            }
        }

        return words;
    }
}
