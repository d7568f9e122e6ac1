using Orleans;
using Orleans.Concurrency;
using Orleans.Services;
using Presence.Server.Cluster.Streams;

namespace Presence.Server.Cluster;

/// <summary>What members call at each other, silo to silo.</summary>
internal interface IPeerService : IGrainService
{
    /// <summary>Hands over batches, each of another shard.</summary>
    /// <param name="batches">As <see cref="PeerCodec"/> makes them.</param>
    /// <returns>Of each whether it was taken.</returns>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<bool[]> TakeAsync(Immutable<byte[][]> batches);

    /// <summary>Where this node listens for streams, which take batches as <see cref="TakeAsync"/> does, at less of a price.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task<StreamOffer> OfferAsync();

    /// <summary>Completes once the node follows a version of the membership.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:05")]
    Task FollowsAsync(long version);

    /// <summary>Asks what an operator has asked of another node.</summary>
    /// <param name="method">Of the admin service, its full name.</param>
    /// <param name="request">Its request, serialised.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:00:40")]
    Task<AdminReply> AskAsync(string method, Immutable<byte[]> request);
}

/// <summary>What a node says to that.</summary>
/// <param name="Status">As gRPC numbers them; 0: it is answered.</param>
/// <param name="Detail">Why not.</param>
/// <param name="Response">The response, serialised.</param>
[GenerateSerializer]
[Immutable]
internal readonly record struct AdminReply([property: Id(0)] int Status, [property: Id(1)] string Detail, [property: Id(2)] byte[] Response);
