using Google.Protobuf;

namespace Presence.Ctl.Output;

/// <summary>
/// The JSON form of protobuf, with the names of the .proto files: 64-bit values as strings, every field there even at its default; an optional one that is not
/// known is left out.
/// </summary>
internal static class Json
{
    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true));

    public static string Of(IMessage message) => Formatter.Format(message);
}
