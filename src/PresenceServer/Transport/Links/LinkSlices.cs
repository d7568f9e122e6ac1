using System.Buffers;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Links;

/// <summary>Splits the users of a frame by their shards: one hash a user, one exact array a shard.</summary>
internal static class LinkSlices
{
    /// <summary>Takes over the frame's array.</summary>
    /// <returns>For each shard its users; null where there are none. The arrays are the receiver's to give back.</returns>
    public static LinkSlice?[] Split(Gateway gateway, in SessionsFrame frame, bool knownOnly, ShardSet shards)
    {
        var slices = new LinkSlice?[shards.All.Count];
        if (frame.Count == 0)
        {
            frame.Return();
        }
        else if (slices.Length == 1)
        {
            slices[0] = NewSlice(gateway, frame, knownOnly, frame.UserIds, frame.Count);
        }
        else
        {
            Scatter(gateway, frame, knownOnly, shards, slices);
            frame.Return();
        }

        return slices;
    }

    private static void Scatter(Gateway gateway, in SessionsFrame frame, bool knownOnly, ShardSet shards, LinkSlice?[] slices)
    {
        ReadOnlySpan<ulong> users = frame.Users;
        byte[] rented = ArrayPool<byte>.Shared.Rent(users.Length);
        Span<byte> numbers = rented.AsSpan(0, users.Length);
        Span<int> counts = stackalloc int[slices.Length];
        for (int i = 0; i < users.Length; i++)
        {
            int shard = shards.NumberOf(users[i]);
            numbers[i] = (byte)shard;
            counts[shard]++;
        }

        for (int shard = 0; shard < slices.Length; shard++)
        {
            if (counts[shard] > 0)
            {
                slices[shard] = NewSlice(gateway, frame, knownOnly, ArrayPool<ulong>.Shared.Rent(counts[shard]), 0);
            }
        }

        for (int i = 0; i < users.Length; i++)
        {
            LinkSlice slice = slices[numbers[i]]!;
            slice.UserIds[slice.Count++] = users[i];
        }

        ArrayPool<byte>.Shared.Return(rented);
    }

    private static LinkSlice NewSlice(Gateway gateway, in SessionsFrame frame, bool knownOnly, ulong[] ids, int count) => new(gateway)
    {
        Gateway = gateway.Ordinal,
        Verb = frame.Verb switch
        {
            SessionsVerb.Up => LinkVerb.Up,
            SessionsVerb.Beat => LinkVerb.Beat,
            _ => LinkVerb.Down,
        },
        Status = frame.Status,
        Kinds = DeviceKindSet.Of(frame.Kind),
        KnownOnly = knownOnly,
        UserIds = ids,
        Count = count,
    };
}

/// <summary>The part of a frame that is one shard's.</summary>
internal sealed class LinkSlice(Gateway gateway) : LinkBatch
{
    protected override void Done(in LinkTally tally)
    {
        ArrayPool<ulong>.Shared.Return(UserIds);
        gateway.Counts.Add(tally);
        gateway.Credit.GiveBack(Count);
    }
}
