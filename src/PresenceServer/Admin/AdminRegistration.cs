using Presence.Server.Hosting;
using Presence.Server.Security;

namespace Presence.Server.Admin;

/// <summary>Puts the admin listener's service and pages together. All of them are marked <see cref="AdminOnly"/>: no other port has them.</summary>
internal static class AdminRegistration
{
    public static IServiceCollection AddAdminService(this IServiceCollection services)
    {
        services
            .AddSingleton<NodeHealth>()
            // Not when somebody first asks: it counts from where it begins.
            .AddSingleton(new GcPauses())
            .AddSingleton<NodeInfo>()
            .AddSingleton<NodeSummaries>()
            .AddSingleton<AdminRelay>()
            .AddSingleton<ShardQuestions>()
            .AddSingleton<DeviceInfos>()
            .AddSingleton<Explanations>()
            .AddSingleton<RevocationInfos>()
            .AddSingleton<LinkInfos>()
            .AddSingleton<DrainStream>()
            .AddSingleton<ShardRates>()
            .AddHostedService(static provider => provider.GetRequiredService<ShardRates>())
            .AddGrpc(static grpc =>
            {
                grpc.Interceptors.Add<AdminAuthentication>();
                grpc.Interceptors.Add<AdminRouting>();
                // Otherwise a catch-all for unknown services takes part in the routing of every other endpoint.
                grpc.IgnoreUnknownServices = true;
            });
        return services;
    }

    /// <summary>After routing.</summary>
    public static void MapAdminService(this WebApplication app)
    {
        // Makes the admin key in the data directory: tools on this machine look for it before anybody has called.
        _ = app.Services.GetRequiredService<AdminTokenValidator>();
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        app.MapGrpcService<AdminApi>().WithMetadata(new AdminOnly());
        app.MapHealth();
    }
}
