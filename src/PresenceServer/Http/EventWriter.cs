using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>Puts frames into the words of an event stream (WHATWG HTML, server-sent events).</summary>
internal sealed class EventWriter(PipeWriter output)
{
    public const string ContentType = "text/event-stream";

    private Utf8JsonWriter? _json;

    public void Welcome(WelcomeEvent welcome) => Write("welcome"u8, welcome, HttpJson.Wire.WelcomeEvent);

    /// <summary>One event for each user; snapshot and update look the same.</summary>
    public void Presence(PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            PresenceView view = PresenceView.Of(entry);
            Write("presence"u8, view, HttpJson.Wire.PresenceView, id: view.Version);
        }
    }

    /// <summary>A state that nobody can go on from: it has no id.</summary>
    public void Presence(PresenceView view) => Write("presence"u8, view, HttpJson.Wire.PresenceView);

    /// <summary>One transition.</summary>
    public void Change(PresenceView view, string cursor) => Write("change"u8, view, HttpJson.Wire.PresenceView, cursor);

    public void SnapshotEnd(SnapshotEndEvent end, string cursor) => Write("snapshot-end"u8, end, HttpJson.Wire.SnapshotEndEvent, cursor);

    public void Watermark(WatermarkEvent watermark, string cursor) => Write("watermark"u8, watermark, HttpJson.Wire.WatermarkEvent, cursor);

    public void Ack(Ack ack) => Write("ack"u8, new AckEvent(DecimalText.Of(ack.Version)), HttpJson.Wire.AckEvent);

    public void Error(Error error) => Error(Problem.Of(error));

    public void Error(Problem problem) => Write("error"u8, problem.ToBody(), HttpJson.Wire.ProblemBody);

    public void TokenExpiring(TokenExpiring expiring) =>
        Write("token-expiring"u8, new TokenExpiringEvent(expiring.InMs), HttpJson.Wire.TokenExpiringEvent);

    public void GoAway(GoAway goAway) => Write(
        "goaway"u8,
        new GoAwayEvent(
            (int)goAway.CloseCode,
            CloseCodes.Name(goAway.CloseCode),
            CloseCodes.ComesBack(goAway.CloseCode),
            goAway.HasReconnectAfterMs ? goAway.ReconnectAfterMs : null),
        HttpJson.Wire.GoAwayEvent);

    /// <summary>Something that the client ignores.</summary>
    public void Comment() => output.Write(":\n\n"u8);

    private void Write<T>(ReadOnlySpan<byte> name, T data, JsonTypeInfo<T> contract, string? id = null)
    {
        output.Write("event: "u8);
        output.Write(name);
        if (id is not null)
        {
            output.Write("\nid: "u8);
            Encoding.ASCII.GetBytes(id, output);
        }

        output.Write("\ndata: "u8);
        _json ??= new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = HttpJson.Wire.Options.Encoder });
        _json.Reset(output);
        // One line: JSON has no line breaks of its own unless it is indented.
        JsonSerializer.Serialize(_json, data, contract);
        output.Write("\n\n"u8);
    }
}
