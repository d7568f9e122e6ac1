using System.Collections.Frozen;
using System.Globalization;

namespace Presence.Server.Configuration;

/// <summary>
/// The text form of every type a setting can have: one parser, one formatter and one sentence that says what is expected.
/// </summary>
internal static class SettingText
{
    private static readonly FrozenDictionary<Type, Form> _forms = new Dictionary<Type, Form>
    {
        [typeof(string)] = new("a text", static text => text),
        [typeof(int)] = new("a whole number", static text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null),
        // A bare number would be read as days.
        [typeof(TimeSpan)] = new("a duration as [d.]hh:mm:ss[.fff], such as 00:00:30", static text =>
            text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan duration) ? duration : null),
        [typeof(ByteSize)] = new("a size in bytes, such as 1073741824, 10GB or 4GiB", static text =>
            ByteSize.TryParse(text, out ByteSize size) ? size : null),
        [typeof(Rate)] = new("COUNT/TIME such as 5/30s, or 0 for no limit", static text =>
            Rate.TryParse(text, out Rate rate) ? rate : null),
        [typeof(ListenAddress)] = new("ADDRESS:PORT such as 127.0.0.1:7001, :PORT for every interface, or off", static text =>
            ListenAddress.TryParse(text, out ListenAddress? address) ? address : null),
        [typeof(TransportKind)] = new("epoll or sockets", static text => text switch
        {
            "epoll" => TransportKind.Epoll,
            "sockets" => TransportKind.Sockets,
            _ => null,
        }),
        [typeof(IReadOnlyList<string>)] = new("a list separated by commas", static text =>
            text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
    }.ToFrozenDictionary();

    /// <summary>Whether properties of this type are settings; all others are groups of settings.</summary>
    public static bool Handles(Type type) => _forms.ContainsKey(type);

    /// <summary>The value, or null when the text is not of that type.</summary>
    public static object? Parse(Type type, string text) => _forms[type].Parse(text);

    /// <summary>What a right text looks like.</summary>
    public static string Expected(Type type) => _forms[type].Expected;

    /// <summary>The text that parses to this value.</summary>
    public static string Format(object value) => value switch
    {
        TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
        IReadOnlyList<string> list => string.Join(',', list),
        TransportKind.Epoll => "epoll",
        TransportKind.Sockets => "sockets",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private sealed record Form(string Expected, Func<string, object?> Parse);
}
