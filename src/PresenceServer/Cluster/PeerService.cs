using Google.Protobuf;
using Grpc.Core;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Presence.Server.Admin;
using Presence.Server.Cluster.Streams;

namespace Presence.Server.Cluster;

/// <summary>The end of the calls, in every silo; what they are about outlives it.</summary>
[Reentrant]
internal sealed class PeerService(GrainId id, Silo silo, ILoggerFactory log, PeerInbox inbox, StreamListener streams, ViewFollower follower, AdminRelay admin) : GrainService(id, silo, log), IPeerService
{
    public Task<bool[]> TakeAsync(Immutable<byte[][]> batches) => inbox.TakeAsync(Array.ConvertAll(batches.Value, static batch => new ReadOnlyMemory<byte>(batch)));

    public Task<StreamOffer> OfferAsync() => Task.FromResult(streams.Offer);

    public Task FollowsAsync(long version) => follower.FollowsAsync(version);

    public async Task<AdminReply> AskAsync(string method, Immutable<byte[]> request)
    {
        try
        {
            IMessage response = await admin.AnswerAsync(method, request.Value);
            return new(0, "", response.ToByteArray());
        }
        catch (RpcException e)
        {
            return new((int)e.StatusCode, e.Status.Detail, []);
        }
        catch (InvalidProtocolBufferException e)
        {
            return new((int)StatusCode.InvalidArgument, e.Message, []);
        }
    }
}

/// <summary>Finds the service of a silo.</summary>
internal sealed class PeerClient(IServiceProvider services) : GrainServiceClient<IPeerService>(services)
{
    public IPeerService At(SiloAddress silo) => GetGrainService(silo);
}
