using System.Globalization;
using static Presence.Server.Tests.Transport.WebSockets.Wire;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>What a client sends and what it must be answered.</summary>
/// <param name="Number">Of the case in the Autobahn test suite, server side.</param>
/// <param name="Expected">As <see cref="WireClient.ReadAsync"/> names them. Without a close the client closes, and is answered.</param>
/// <param name="Chop">Bytes of one send; 0 for all at once.</param>
internal sealed record AutobahnCase(string Number, byte[] Sent, string[] Expected, int Chop = 0)
{
    /// <summary>The server is to close.</summary>
    public bool Closes => Expected is [.., var last] && last.StartsWith("Close", StringComparison.Ordinal);

    /// <summary>For what the message is, not for how it came: the server waits for the client's close.</summary>
    public bool IsRefused => Expected.Contains("Close 4504");
}

/// <summary>
/// The cases of the Autobahn test suite that apply. Its echo is our heartbeat that asks for its answer, padded to the length of the case; its texts are
/// binary messages here, for text is refused (section 6, and 1.1, have one case each of ours). A message over 64 KiB is over our limit and refused.
/// </summary>
internal static class AutobahnCases
{
    private const string Answer = "HeartbeatAck";
    private const string Broken = "Close 1002";

    private static readonly string[] s_refused = ["Error Malformed", "GoAway Malformed", "Close 4504"];

    public static IReadOnlyList<AutobahnCase> All { get; } =
    [
        .. Framing(), .. Pings(), .. ReservedBits(), .. Opcodes(), .. Fragmentation(), .. Closes(), .. CloseCodes(), .. Limits(), .. Large(),
    ];

    private static IEnumerable<AutobahnCase> Framing()
    {
        yield return new("1.1.2", Frame(Text, "*"u8.ToArray()), s_refused);
        yield return new("1.2.1", Frame(Binary, []), s_refused);
        (string, int)[] lengths = [("1.2.2", 125), ("1.2.3", 126), ("1.2.4", 127), ("1.2.5", 128), ("1.2.6", 65_535), ("1.2.7", 65_536)];
        foreach ((string number, int length) in lengths)
        {
            yield return new(number, BeatMessage(length), [Answer]);
        }

        yield return new("1.2.8", BeatMessage(65_536), [Answer], Chop: 997);
        yield return new("6.3.1", Frame(Text, [0xCE, 0xBA, 0xE1, 0xBD, 0xED, 0xA0, 0x80]), s_refused);
    }

    private static IEnumerable<AutobahnCase> Pings()
    {
        string longest = new('\xFE', 125);
        string[] ten = [.. Enumerable.Range(0, 10).Select(static i => $"payload-{i}")];
        byte[] tenPings = [.. ten.SelectMany(Ping)];
        string[] tenPongs = [.. ten.Select(static payload => $"Pong {payload}")];
        yield return new("2.1", Ping(""), ["Pong "]);
        yield return new("2.2", Ping("Hello, world!"), ["Pong Hello, world!"]);
        yield return new("2.3", Ping("\x00\xFF\xFE\xFD\xFC\xFB\x00\xFF"), ["Pong \x00\xFF\xFE\xFD\xFC\xFB\x00\xFF"]);
        yield return new("2.4", Ping(longest), [$"Pong {longest}"]);
        yield return new("2.5", Ping(longest + "\xFE"), [Broken]);
        yield return new("2.6", Ping(longest), [$"Pong {longest}"], Chop: 1);
        yield return new("2.7", Pong(""), []);
        yield return new("2.8", Pong("unsolicited pong payload"), []);
        yield return new("2.9", [.. Pong("unsolicited pong payload"), .. Ping("ping payload")], ["Pong ping payload"]);
        yield return new("2.10", tenPings, tenPongs);
        yield return new("2.11", tenPings, tenPongs, Chop: 1);
    }

    private static IEnumerable<AutobahnCase> ReservedBits()
    {
        byte[] Flawed(int reserved) => [.. BeatMessage(), .. Frame(Binary, Beat(20), reserved: reserved), .. Ping("")];
        yield return new("3.1", Frame(Binary, Beat(20), reserved: 1), [Broken]);
        yield return new("3.2", Flawed(2), [Answer, Broken]);
        yield return new("3.3", Flawed(3), [Answer, Broken], Chop: 64);
        yield return new("3.4", Flawed(4), [Answer, Broken], Chop: 1);
        yield return new("3.5", Frame(Binary, new byte[8], reserved: 5), [Broken]);
        yield return new("3.6", Frame(Pinging, "Hello"u8.ToArray(), reserved: 6), [Broken]);
        yield return new("3.7", Frame(Closing, [], reserved: 7), [Broken]);
    }

    private static IEnumerable<AutobahnCase> Opcodes()
    {
        for (int i = 0; i < 5; i++)
        {
            foreach ((string section, int opcode) in new[] { ("4.1", 3 + i), ("4.2", 11 + i) })
            {
                byte[] unknown = Frame(opcode, i % 2 == 0 ? [] : "reserved opcode"u8.ToArray());
                bool alone = i < 2;
                yield return new(
                    string.Create(CultureInfo.InvariantCulture, $"{section}.{i + 1}"),
                    alone ? unknown : [.. BeatMessage(), .. unknown, .. Ping("")],
                    alone ? [Broken] : [Answer, Broken],
                    Chop: i == 3 ? 1 : 0);
            }
        }
    }

    private static IEnumerable<AutobahnCase> Fragmentation()
    {
        byte[] beat = Beat(20);
        byte[] first = Frame(Binary, beat[..7], final: false), last = Frame(Continuation, beat[7..]);
        byte[] open = Frame(Continuation, "non-continuation payload"u8.ToArray(), final: false);
        byte[] stray = Frame(Continuation, "non-continuation payload"u8.ToArray());
        byte[] pinged = [.. first, .. Ping("ping payload"), .. last];
        yield return new("5.1", [.. Frame(Pinging, "fragment1"u8.ToArray(), final: false), .. Frame(Continuation, "fragment2"u8.ToArray())], [Broken]);
        yield return new("5.2", [.. Frame(Ponging, "fragment1"u8.ToArray(), final: false), .. Frame(Continuation, "fragment2"u8.ToArray())], [Broken]);
        yield return new("5.3", [.. first, .. last], [Answer]);
        yield return new("5.4", [.. first, .. last], [Answer], Chop: 9);
        yield return new("5.5", [.. first, .. last], [Answer], Chop: 1);
        yield return new("5.6", pinged, ["Pong ping payload", Answer]);
        yield return new("5.7", pinged, ["Pong ping payload", Answer], Chop: 9);
        yield return new("5.8", pinged, ["Pong ping payload", Answer], Chop: 1);
        yield return new("5.9", [.. stray, .. BeatMessage()], [Broken]);
        yield return new("5.10", [.. stray, .. BeatMessage()], [Broken], Chop: 9);
        yield return new("5.11", [.. stray, .. BeatMessage()], [Broken], Chop: 1);
        yield return new("5.12", [.. open, .. BeatMessage()], [Broken]);
        yield return new("5.13", [.. open, .. BeatMessage()], [Broken], Chop: 9);
        yield return new("5.14", [.. open, .. BeatMessage()], [Broken], Chop: 1);
        yield return new("5.15", [.. first, .. last, .. open, .. BeatMessage()], [Answer, Broken]);
        yield return new("5.16", [.. open, .. first, .. last, .. open, .. first, .. last], [Broken]);
        yield return new("5.17", [.. stray, .. first, .. last, .. stray, .. first, .. last], [Broken]);
        yield return new("5.18", [.. first, .. BeatMessage()], [Broken]);
        byte[] five =
        [
            .. first, .. Frame(Continuation, beat[7..9], final: false), .. Ping("pongme 1!"), .. Frame(Continuation, beat[9..10], final: false),
            .. Frame(Continuation, beat[10..16], final: false), .. Ping("pongme 2!"), .. Frame(Continuation, beat[16..]),
        ];
        yield return new("5.19", five, ["Pong pongme 1!", "Pong pongme 2!", Answer]);
        yield return new("5.20", five, ["Pong pongme 1!", "Pong pongme 2!", Answer], Chop: 1);
    }

    private static IEnumerable<AutobahnCase> Closes()
    {
        byte[] close = Close(1000);
        yield return new("7.1.1", [.. BeatMessage(), .. close], [Answer, "Close 1000"]);
        yield return new("7.1.2", [.. close, .. close], ["Close 1000"]);
        yield return new("7.1.3", [.. close, .. Ping("")], ["Close 1000"]);
        yield return new("7.1.4", [.. close, .. BeatMessage()], ["Close 1000"]);
        yield return new("7.1.5", [.. Frame(Binary, Beat(20)[..9], final: false), .. close, .. Frame(Continuation, Beat(20)[9..])], ["Close 1000"]);
        yield return new("7.1.6", [.. BeatMessage(65_536), .. close, .. Ping("")], [Answer, "Close 1000"]);
        yield return new("7.3.1", Close(), ["Close"]);
        yield return new("7.3.2", Frame(Closing, "a"u8.ToArray()), [Broken]);
        yield return new("7.3.3", close, ["Close 1000"]);
        yield return new("7.3.4", Close(1000, "Hello World!"), ["Close 1000"]);
        yield return new("7.3.5", Close(1000, new string('*', 123)), ["Close 1000"]);
        yield return new("7.3.6", Close(1000, new string('*', 124)), [Broken]);
        yield return new("7.5.1", Frame(Closing, [0x03, 0xE8, 0xCE, 0xBA, 0xE1, 0xBD, 0xED, 0xA0, 0x80]), ["Close 1007"]);
    }

    private static IEnumerable<AutobahnCase> CloseCodes()
    {
        int[] valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
        int[] invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
        foreach ((int i, int code) in valid.Index())
        {
            yield return new(string.Create(CultureInfo.InvariantCulture, $"7.7.{i + 1}"), Close(code), [$"Close {code}"]);
        }

        foreach ((int i, int code) in invalid.Index())
        {
            yield return new(string.Create(CultureInfo.InvariantCulture, $"7.9.{i + 1}"), Frame(Closing, [(byte)(code >> 8), (byte)code]), [Broken]);
        }

        yield return new("7.13.1", Close(5000), [Broken]);
        yield return new("7.13.2", Close(65_535), [Broken]);
    }

    // Over the longest message, by one frame or by the sum of several.
    private static IEnumerable<AutobahnCase> Limits()
    {
        yield return new("9.2.2", BeatMessage(262_144), s_refused);
        yield return new("9.4.7", Fragmented(Beat(262_144), 4_096), s_refused);
    }

    private static IEnumerable<AutobahnCase> Large()
    {
        yield return new("9.2.1", BeatMessage(65_536), [Answer]);
        int[] fragments = [64, 256, 1_024, 4_096, 16_384, 65_536], chops = [64, 128, 256, 512, 1_024, 2_048], lengths = [5, 16, 64, 256, 1_024, 4_096];
        foreach ((int i, int each) in fragments.Index())
        {
            yield return new(string.Create(CultureInfo.InvariantCulture, $"9.4.{i + 1}"), Fragmented(Beat(65_536), each), [Answer]);
        }

        foreach ((int i, int chop) in chops.Index())
        {
            yield return new(string.Create(CultureInfo.InvariantCulture, $"9.6.{i + 1}"), BeatMessage(65_536), [Answer], chop);
        }

        foreach ((int i, int length) in lengths.Index())
        {
            byte[] thousand = [.. Enumerable.Repeat(BeatMessage(length), 1_000).SelectMany(static one => one)];
            yield return new(
                string.Create(CultureInfo.InvariantCulture, $"9.8.{i + 1}"), thousand, [.. Enumerable.Repeat(Answer, 1_000)]);
        }

        yield return new("10.1.1", Fragmented(Beat(65_536), 1_300), [Answer]);
    }
}
