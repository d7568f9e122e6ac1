using Google.Protobuf.Reflection;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>docs/protocol.md names what the protocol has, and says the same of it as the code.</summary>
public sealed class DocumentTests
{
    private readonly string _document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "protocol.md"));

    [Fact]
    public void Each_close_code_is_in_the_table_with_its_number_and_its_range() =>
        Assert.All(Values<CloseCode>("CLOSE_CODE_"), value =>
        {
            var comesBack = CloseCodes.ComesBack((CloseCode)value.Number) ? "yes" : "no";
            Assert.Contains($"| {value.Number} | {value.Name["CLOSE_CODE_".Length..]} | {comesBack}", _document, StringComparison.Ordinal);
        });

    [Fact]
    public void Each_error_code_is_in_the_table() =>
        Assert.All(Values<ErrorCode>("ERROR_CODE_"), value =>
            Assert.Contains($"\n| {value.Name["ERROR_CODE_".Length..]} | ", _document, StringComparison.Ordinal));

    [Fact]
    public void Each_limit_and_each_field_is_named() =>
        Assert.All(
            new[]
            {
                Hello.Descriptor, Welcome.Descriptor, Limits.Descriptor, PresenceEntry.Descriptor, Error.Descriptor, GoAway.Descriptor,
                GatewayHello.Descriptor, GatewayWelcome.Descriptor, SessionsUp.Descriptor, SessionsAck.Descriptor,
            }
                .SelectMany(message => message.Fields.InDeclarationOrder()),
            field => Assert.Contains(field.Name, _document, StringComparison.Ordinal));

    private static IEnumerable<EnumValueDescriptor> Values<T>(string prefix) =>
        CommonReflection.Descriptor.EnumTypes.Single(e => e.Name == typeof(T).Name).Values
            .Where(value => value.Number != 0 && value.Name.StartsWith(prefix, StringComparison.Ordinal));
}
