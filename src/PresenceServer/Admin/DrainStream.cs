using Grpc.Core;
using Presence.Admin.V1;
using Presence.Server.Configuration;
using Presence.Server.Hosting;

namespace Presence.Server.Admin;

/// <summary>Lets an operator end the node, and tells how far it is.</summary>
internal sealed class DrainStream(Drain drain, TimeProvider time)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(250);

    /// <summary>Begins to end the node, or goes on with it.</summary>
    /// <returns>How far it is.</returns>
    /// <exception cref="RpcException">The time asked for is too long.</exception>
    public DrainResponse Begin(DrainRequest request)
    {
        Task told = TellAsync(request);
        _ = drain.StopAsync();
        return Now(stops: told.IsCompleted);
    }

    /// <exception cref="RpcException">The time asked for is too long.</exception>
    public async Task RunAsync(DrainRequest request, IServerStreamWriter<DrainResponse> responses)
    {
        Task told = TellAsync(request);
        try
        {
            await FollowAsync(told, responses);
        }
        finally
        {
            // Whether the operator stays to hear of it or not.
            _ = drain.StopAsync();
        }
    }

    private Task TellAsync(DrainRequest request)
    {
        TimeSpan? within = request.HasDrainTimeMs ? TimeSpan.FromMilliseconds(request.DrainTimeMs) : null;
        return within <= AdmissionConfiguration.MostDrainTime || within is null
            ? drain.TellAsync(within)
            : throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"drain_time_ms is {request.DrainTimeMs}; at most {AdmissionConfiguration.MostDrainTime.TotalMilliseconds} are allowed."));
    }

    private async Task FollowAsync(Task told, IServerStreamWriter<DrainResponse> responses)
    {
        do
        {
            await responses.WriteAsync(Now(stops: false));
            await Task.WhenAny(told, Task.Delay(s_every, time));
        }
        while (!told.IsCompleted);

        await responses.WriteAsync(Now(stops: true));
    }

    private DrainResponse Now(bool stops) =>
        new() { Connections = (uint)drain.Connections, HeldUntilMs = (ulong)drain.HeldUntilMs, Stops = stops };
}
