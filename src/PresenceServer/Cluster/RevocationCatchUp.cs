using Grpc.Core;
using Presence.Admin.V1;
using Presence.Server.Admin;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;

namespace Presence.Server.Cluster;

/// <summary>What was revoked while this node was away is learned from the others before it takes anybody in.</summary>
internal sealed partial class RevocationCatchUp(
    INodeDirectory nodes, RevocationInfos revocations, PresenceConfiguration configuration, ILogger<RevocationCatchUp> logger) : IHostedService
{
    private const uint Page = 1_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (string other in nodes.NodeIds.Where(id => id != configuration.Cluster.NodeId))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_patience);
            try
            {
                await LearnAsync(other, patience.Token);
            }
            catch (Exception e) when (e is RpcException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                LogNotLearned(other, e is RpcException refused ? refused.Status.Detail : "it did not answer in time.");
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LearnAsync(string other, CancellationToken cancelled)
    {
        var request = new ListRevocationsRequest { Most = Page };
        ListRevocationsResponse page;
        do
        {
            page = await nodes.AskAsync<ListRevocationsResponse>(other, nameof(AdminService.AdminServiceBase.ListRevocations), request, cancelled);
            foreach (Revocation revocation in page.Revocations)
            {
                request.After = revocation.Key;
                // The operator's list is read by every node for itself.
                if (!revocation.Listed)
                {
                    await revocations.RevokeAsync(revocation);
                }
            }
        }
        while (page.More);
    }

    [LoggerMessage(LogEvents.RevocationsNotLearned, LogLevel.Error, "What was revoked on node {Node} while this one was away is not known here: {Problem} Revoke it again")]
    private partial void LogNotLearned(string node, string problem);
}
