using System.Buffers;
using System.IO.Pipelines;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>Reads bodies: JSON, within the limit of Kestrel, or a problem that says why not.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    public static bool IsPresent(HttpContext http) =>
        http.Request.ContentLength is null or > 0 && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    /// <returns>The body, or the problem.</returns>
    public static async ValueTask<(T? Body, Problem? Problem)> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> contract)
        where T : class
    {
        if (!IsJson(http.Request.ContentType))
        {
            return (null, Problem.OfStatus(StatusCodes.Status415UnsupportedMediaType, detail: null));
        }

        try
        {
            ReadOnlySequence<byte> bytes = await ReadAllAsync(http.Request.BodyReader);
            (T? Body, Problem? Problem) parsed = Parse(bytes, contract);
            http.Request.BodyReader.AdvanceTo(bytes.End);
            return parsed;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, TooLarge(http));
        }
        catch (BadHttpRequestException e)
        {
            // Kestrel would look for a next request in the middle of this one's body.
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            const string Detail = "The body did not arrive as its headers say. Send it again.";
            return (null, new Problem(e.StatusCode, ErrorCode.Malformed, Detail, "body"));
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // Kestrel ends the read when the client goes or is too slow. A token of ours would leave its own reader in the middle of a read.
    private static async ValueTask<ReadOnlySequence<byte>> ReadAllAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(CancellationToken.None);
            if (read.IsCompleted)
            {
                return read.Buffer;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // First whether it is JSON at all, then whether it is what was asked for: two errors that are mended in different ways.
    internal static (T? Body, Problem? Problem) Parse<T>(in ReadOnlySequence<byte> bytes, JsonTypeInfo<T> contract)
        where T : class
    {
        (JsonDocument? json, Problem? problem) = ReadDocument(bytes);
        using JsonDocument? document = json;
        return document is null ? (null, problem)
            : document.RootElement.ValueKind == JsonValueKind.Object ? Convert(document, contract)
            : (null, Problem.Malformed($"The body is a JSON {document.RootElement.ValueKind}; an object is expected."));
    }

    private static (JsonDocument? Document, Problem? Problem) ReadDocument(in ReadOnlySequence<byte> bytes)
    {
        try
        {
            return (JsonDocument.Parse(WithoutMark(bytes), _strict), null);
        }
        catch (JsonException e)
        {
            return (null, Problem.Malformed(e.LineNumber is { } line
                ? $"The body is not JSON: line {line + 1}, byte {e.BytePositionInLine}. Check what was sent."
                : "The body has a field twice; send each once."));
        }
        catch (InvalidOperationException)
        {
            // Met when names are compared with each other, and said in no other way.
            return (null, Problem.Malformed("The body has a field whose name is not Unicode text. Check its escapes; the body is UTF-8."));
        }
    }

    // RFC 8259 lets a reader ignore a byte order mark, and some editors and tools write one.
    private static ReadOnlySequence<byte> WithoutMark(in ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        reader.IsNext(Encoding.UTF8.Preamble, advancePast: true);
        return reader.UnreadSequence;
    }

    private static (T? Body, Problem? Problem) Convert<T>(JsonDocument document, JsonTypeInfo<T> contract)
        where T : class
    {
        try
        {
            return (document.Deserialize(contract), null);
        }
        catch (JsonException e)
        {
            string field = e.Path is { Length: > 2 } path ? path[2..] : "body";
            string detail = e is ContractException ? e.Message : $"{field} cannot be read; /openapi/v1.json shows what it is to be. Texts are UTF-8.";
            return (null, Problem.Invalid(field, detail));
        }
    }

    private static Problem TooLarge(HttpContext http)
    {
        long allowed = http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0;
        return new(
            StatusCodes.Status413PayloadTooLarge,
            ErrorCode.Limit,
            $"The body is longer than {allowed} bytes. Send less in one request.",
            HttpLimits.BodyBytes,
            allowed);
    }
}
