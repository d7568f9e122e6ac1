using System.Reflection;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>Names and ranges that others rely on.</summary>
public sealed class VocabularyTests
{
    [Fact]
    public void Every_close_code_has_a_name_of_its_own_and_its_range_says_whether_to_come_back()
    {
        CloseCode[] comeBack =
        [
            CloseCode.Draining, CloseCode.SlowConsumer, CloseCode.Overloaded, CloseCode.HeartbeatTimeout, CloseCode.HandshakeTimeout,
            CloseCode.TokenExpired, CloseCode.InternalError,
        ];
        var all = Enum.GetValues<CloseCode>();
        Assert.Equal(comeBack, all.Where(CloseCodes.ComesBack));
        Assert.Equal(all.Length, all.Select(CloseCodes.Name).Distinct().Count());
        Assert.All(all, code => Assert.Equal(ProtoName(code), CloseCodes.Name(code)));
    }

    [Theory]
    [InlineData(3999, false)]
    [InlineData(4499, true)]
    [InlineData(4999, false)]
    public void A_close_code_of_a_newer_server_is_judged_by_its_range(int code, bool comesBack)
    {
        Assert.Equal(comesBack, CloseCodes.ComesBack((CloseCode)code));
        Assert.Equal("unknown", CloseCodes.Name((CloseCode)code));
    }

    [Fact]
    public void Limit_names_are_the_fields_of_Limits()
    {
        var names = typeof(LimitNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(Limits.Descriptor.Fields.InDeclarationOrder().Select(f => f.Name), names);
    }

    [Fact]
    public void Each_device_kind_has_its_bit()
    {
        var known = Enum.GetValues<DeviceKind>().Where(kind => kind != DeviceKind.Unspecified).ToArray();
        Assert.All(known, kind => Assert.Equal(kind.ToString(), DeviceKindSet.Of(kind).ToString(), ignoreCase: true));
        Assert.Equal(DeviceKinds.None, DeviceKindSet.Of(DeviceKind.Unspecified));
        Assert.Equal(DeviceKinds.None, DeviceKindSet.Of((DeviceKind)8));
        Assert.Equal(DeviceKinds.None, DeviceKindSet.Of((DeviceKind)(-1)));
    }

    [Theory]
    [InlineData(0UL, false)]
    [InlineData(1UL, true)]
    [InlineData((ulong)long.MaxValue, true)]
    [InlineData((ulong)long.MaxValue + 1, false)]
    [InlineData(ulong.MaxValue, false)]
    public void User_ids_are_1_to_2_to_the_63_less_1(ulong id, bool valid)
    {
        Assert.Equal(valid, UserId.IsValid(id));
        Assert.Equal(valid, UserId.TryParse($"{id}", out var parsed));
        Assert.True(!valid || parsed == id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("\0")]
    [InlineData("1\0")]
    [InlineData("12\0\0")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("٣")]
    [InlineData("18446744073709551616")]
    public void Only_plain_decimal_is_a_user_id(string text) => Assert.False(UserId.TryParse(text, out _));

    [Fact]
    public void Every_fault_is_described_and_only_unsupported_is_survived()
    {
        var faults = Enum.GetValues<FrameFault>();
        Assert.Equal(faults.Length, faults.Select(FrameFaults.Describe).Distinct().Count());
        Assert.Equal([FrameFault.None, FrameFault.Unsupported], faults.Where(fault => !FrameFaults.Closes(fault)));
    }

    private static string ProtoName(CloseCode code)
    {
        var codes = CommonReflection.Descriptor.EnumTypes.Single(e => e.Name == nameof(CloseCode));
        return codes.FindValueByNumber((int)code).Name["CLOSE_CODE_".Length..].ToLowerInvariant();
    }
}
