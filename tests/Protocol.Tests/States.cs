using System.Text;
using CsCheck;
using Google.Protobuf;
using Presence.V1;

namespace Presence.Protocol.Tests;

/// <summary>Presence states to encode, and the generated message that says the same.</summary>
internal static class States
{
    private static readonly Gen<ulong> _id = Gen.OneOf(Gen.ULong, Gen.ULong[0, 200], Gen.OneOf<ulong>(0, UserId.Max, ulong.MaxValue));

    private static readonly Gen<long> _time = Gen.Frequency(
        (2, Gen.Const(PresenceState.NoTime)),
        (2, Gen.Long[1_700_000_000_000, 1_900_000_000_000]),
        (1, Gen.OneOf<long>(0, 127, 128, long.MaxValue)));

    private static readonly Gen<byte[]?> _text = Gen.Frequency(
        (3, Gen.OneOf<byte[]?>(null, [])),
        (3, Gen.OneOf<string>("a", "é", "会", "🎧").Array[1, 32]
            .Select(parts => (byte[]?)Encoding.UTF8.GetBytes(string.Concat(parts)))),
        (1, Gen.Int[120, ProtocolLimits.MaxStatusTextBytes].Select(n => (byte[]?)Encoding.UTF8.GetBytes(new string('x', n)))));

    public static readonly Gen<PresenceState> Any =
        Gen.Select(_id, _id, _time, _time, _text, Gen.Int[0, 7], Gen.Byte[0, 127], Gen.Bool).Select(
            (id, version, active, asOf, text, status, kinds, reset) => new PresenceState
            {
                UserId = id,
                Version = version,
                LastActiveMs = active,
                AsOfMs = asOf,
                StatusText = text,
                Status = (Status)status,
                Kinds = (DeviceKinds)kinds,
                Reset = reset,
            });

    public static PresenceState Largest => new()
    {
        UserId = ulong.MaxValue,
        Version = ulong.MaxValue,
        LastActiveMs = long.MaxValue,
        AsOfMs = long.MaxValue,
        StatusText = new byte[ProtocolLimits.MaxStatusTextBytes],
        Status = (Status)(-1),
        Kinds = (DeviceKinds)0xFF,
        Reset = true,
    };

    public static PresenceEntry Entry(in PresenceState state)
    {
        var entry = new PresenceEntry
        {
            UserId = state.UserId,
            Version = state.Version,
            Status = state.Status,
            StatusText = Encoding.UTF8.GetString(state.StatusText ?? []),
            Reset = state.Reset,
        };
        if (state.LastActiveMs >= 0)
        {
            entry.LastActiveMs = (ulong)state.LastActiveMs;
        }
        if (state.AsOfMs >= 0)
        {
            entry.AsOfMs = (ulong)state.AsOfMs;
        }
        var kinds = state.Kinds;
        entry.DeviceKinds.AddRange(Enum.GetValues<DeviceKind>().Where(kind => (kinds & DeviceKindSet.Of(kind)) != 0));
        return entry;
    }

    /// <summary>What Google.Protobuf writes for it.</summary>
    public static byte[] Oracle(ServerFrame frame, Framing framing) =>
        framing == Framing.LengthPrefix ? Streams.Frame(frame.ToByteArray()) : frame.ToByteArray();
}
